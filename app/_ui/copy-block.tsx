import { useTranslations } from 'next-intl'
import { CopyButton } from './copy-button'

/** A text to take away: monospace, its name above, one press copies it. A keyboard can scroll it. */
export function CopyBlock({ label, text, wrapped = false, tall = false }: { label: string; text: string; wrapped?: boolean; tall?: boolean }) {
  const t = useTranslations('state')
  const looks = [wrapped && 'is-wrapped', tall && 'is-tall'].filter(Boolean).join(' ')
  return (
    <div className="raw">
      <div className="raw-head">
        <span className="hint">{label}</span>
        <CopyButton text={text} label={t('copy')} of={label} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: a section cannot keep the line breaks of a pre */}
      <pre className={looks} tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  )
}
