import { useTranslations } from 'next-intl'

/** The first thing that the Tab key reaches on every page. */
export function SkipLink() {
  const t = useTranslations('frame')
  return (
    <a className="skip" href="#page">
      {t('skip')}
    </a>
  )
}
