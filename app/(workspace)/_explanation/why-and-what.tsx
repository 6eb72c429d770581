import { useTranslations } from 'next-intl'
import { Explanation, type ExplanationProps } from './explanation'

/** An explanation folded away: in lists, where the words of the server stand already. */
export function WhyAndWhat(props: ExplanationProps) {
  const t = useTranslations('mend')
  return (
    <details className="mt-2">
      <summary className="hint cursor-pointer">{t('why')}</summary>
      <Explanation {...props} />
    </details>
  )
}
