import type { Language } from '@/lib/language'

/** Where a browser keeps the choice of a language, and the time zone it is in. */
export const languageCookie = 'posthorn-language'
export const timeZoneCookie = 'posthorn-time-zone'

/** Each language's name in itself: the one word that its readers find without knowing another language. */
export const languageNames: Record<Language, string> = { pl: 'Polski', en: 'English', et: 'Eesti' }
