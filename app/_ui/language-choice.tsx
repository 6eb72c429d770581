import { useLocale, useTranslations } from 'next-intl'
import { chooseLanguage } from '@/app/_auth/actions'
import { languageNames } from '@/app/_i18n/language'
import { languages } from '@/lib/language'

/** Three words, each in its own language. A plain form, so it works without JavaScript. */
export function LanguageChoice() {
  const t = useTranslations('frame')
  const current = useLocale().split('-')[0]
  return (
    <form action={chooseLanguage} className="languages" aria-label={t('language')}>
      {languages.map(language => (
        <button key={language} type="submit" name="language" value={language} lang={language} aria-current={language === current || undefined}>
          {languageNames[language]}
        </button>
      ))}
    </form>
  )
}
