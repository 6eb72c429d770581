/** The languages people read, and where a browser keeps the choice of one. */
export const languages = ['pl', 'en', 'et'] as const
export type Language = (typeof languages)[number]

export const languageCookie = 'posthorn-language'
export const timeZoneCookie = 'posthorn-time-zone'

/** Each language's name in itself: the one word that its readers find without knowing another language. */
export const languageNames: Record<Language, string> = { pl: 'Polski', en: 'English', et: 'Eesti' }

export const isLanguage = (text: string | null | undefined): text is Language => languages.includes(text as Language)

/** The first language of an Accept-Language header that we speak, by the header's own weights; else English. */
export function languageOfHeader(header: string | null): Language {
  const wanted = (header ?? '')
    .split(',')
    .map(part => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const weight = Number(parameters.find(parameter => parameter.trim().startsWith('q='))?.split('=')[1] ?? 1)
      return { language: tag.split('-')[0], weight: Number.isFinite(weight) ? weight : 0 }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
  for (const { language } of wanted) if (isLanguage(language)) return language
  return 'en'
}
