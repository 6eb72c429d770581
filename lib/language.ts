/** The languages people read, and how one is found among those that a browser or a program asks for. */
export const languages = ['pl', 'en', 'et'] as const
export type Language = (typeof languages)[number]

export const isLanguage = (text: string | null | undefined): text is Language => languages.includes(text as Language)

/** How each language writes dates and numbers here: English as in Europe, 3 May and 14:20. */
export const localeOf: Record<Language, string> = { pl: 'pl', en: 'en-GB', et: 'et' }

/** The first language of an Accept-Language header that we speak, by the header's own weights; else English. */
export function languageOfHeader(header: string | null | undefined): Language {
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
