import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { env } from '@/lib/env'
import type { Language } from '@/lib/language'
import { bindShortWords } from './bind-short-words'

type Messages = Record<string, Record<string, unknown>>

const loaded = new Map<Language, Promise<Messages>>()

/** Every message of a language: one file a namespace, named after it. Read once, except while developing. */
export function loadMessages(language: Language): Promise<Messages> {
  const known = env.isProduction ? loaded.get(language) : undefined
  const messages = known ?? readMessages(language)
  loaded.set(language, messages)
  return messages
}

async function readMessages(language: Language): Promise<Messages> {
  const folder = path.join(process.cwd(), 'app/_i18n/messages', language)
  const files = (await readdir(folder)).filter(file => file.endsWith('.json'))
  const read = (json: string) => JSON.parse(json, (_key, value) => (language === 'pl' && typeof value === 'string' ? bindShortWords(value) : value))
  return Object.fromEntries(
    await Promise.all(files.map(async file => [path.basename(file, '.json'), read(await readFile(path.join(folder, file), 'utf8'))] as const)),
  )
}
