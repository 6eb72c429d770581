import { cookies, headers } from 'next/headers'
import { getRequestConfig } from 'next-intl/server'
import { findOwnLanguage } from '@/app/_auth/require-actor'
import { isStorageAway } from '@/db/is-storage-away'
import { isLanguage, type Language, languageOfHeader, localeOf } from '@/lib/language'
import { formats } from './formats'
import { languageCookie, timeZoneCookie } from './language'
import { loadMessages } from './load-messages'

/** The language belongs to the login; without one it is the browser's cookie, else what the browser asks for. */
export default getRequestConfig(async () => {
  const language = await findLanguage()
  return { locale: localeOf[language], messages: await loadMessages(language), formats, timeZone: await findTimeZone(language), now: new Date() }
})

async function findLanguage(): Promise<Language> {
  const own = await findOwnLanguage().catch(unlessAway)
  if (isLanguage(own)) return own
  const chosen = (await cookies()).get(languageCookie)?.value
  return isLanguage(chosen) ? chosen : languageOfHeader((await headers()).get('accept-language'))
}

/** While the database is away, what is the matter is still said in a language: the browser's. */
function unlessAway(error: unknown): null {
  if (!isStorageAway(error)) throw error
  return null
}

/** As the browser reported it (`TimeZone` writes the cookie), else the country of the language. */
async function findTimeZone(language: Language): Promise<string> {
  const reported = (await cookies()).get(timeZoneCookie)?.value
  if (reported && isTimeZone(reported)) return reported
  return language === 'et' ? 'Europe/Tallinn' : 'Europe/Warsaw'
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}
