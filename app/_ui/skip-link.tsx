import { useTranslations } from 'next-intl'

export function SkipLink() {
  const t = useTranslations('frame')
  return (
    <a className="skip" href="#page">
      {t('skip')}
    </a>
  )
}
