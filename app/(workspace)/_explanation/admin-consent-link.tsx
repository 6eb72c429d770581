import { useTranslations } from 'next-intl'
import { CopyBlock } from '@/app/_ui/copy-block'

/** The address at which the organisation's administrator consents: to copy, or to send in a mail that is written already. */
export function AdminConsentLink({ link }: { link: string }) {
  const t = useTranslations('mend.adminConsent')
  const letter = `mailto:?subject=${encodeURIComponent(t('subject'))}&body=${encodeURIComponent(t('text', { link }))}`
  return (
    <div className="w-full">
      <CopyBlock label={t('label')} text={link} wrapped />
      <p className="actions mt-2">
        <a className="button small" href={letter}>
          {t('write')}
        </a>
      </p>
    </div>
  )
}
