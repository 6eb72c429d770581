import { getLocale } from 'next-intl/server'
import { type Language, languageOfHeader } from '@/lib/language'

/** The language this request is answered in. */
export const getLanguage = async (): Promise<Language> => languageOfHeader(await getLocale())
