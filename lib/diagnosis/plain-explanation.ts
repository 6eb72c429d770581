import { readFileSync } from 'node:fs'
import path from 'node:path'
import { env } from '@/lib/env'
import type { Language } from '@/lib/language'
import type { Explained } from './explain-failure'

type Texts = Record<string, Record<string, string>>

const read = new Map<string, Texts>()

/** The texts of the pages, for a mail: they are written once. Plain text, so marks and links lose their tags. */
export function plainExplanation(language: Language, { namespace, explanation }: Explained, values: { host: string; username: string }): string {
  const text = textsOf(language, namespace)[explanation] ?? {}
  const fill = (words: string) =>
    words
      .replace(/<\/?\w+>/g, '')
      .replace(/\{(\w+)\}/g, (_, name: string) => ({ ...values, mailbox: values.username, platform: env.platform.name })[name] ?? '')
  const steps = [text.step1, text.step2, text.step3, text.step4].filter(step => step !== undefined)
  return [`${fill(text.title ?? '')}.`, fill(text.meaning ?? ''), steps.map((step, position) => `${position + 1}. ${fill(step)}`).join('\n')].join('\n\n')
}

function textsOf(language: Language, namespace: string): Texts {
  const file = path.join(process.cwd(), 'app/_i18n/messages', language, `${namespace}.json`)
  const texts = read.get(file) ?? (JSON.parse(readFileSync(file, 'utf8')) as Texts)
  read.set(file, texts)
  return texts
}
