import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createTranslator } from 'next-intl'

type Sentence = (code: string, values: Record<string, string | number>) => string

const known = new Map<string, Sentence>()

/** The sentence of a refusal in one of our languages, for what answers without a page. */
export function say(language: string, code: string, values: Record<string, string | number> = {}): string {
  const sentence = known.get(language) ?? sentencesOf(language)
  known.set(language, sentence)
  return sentence(code, values)
}

function sentencesOf(language: string): Sentence {
  const file = path.join(process.cwd(), `app/_i18n/messages/${language}/refusal.json`)
  const refusal: Record<string, string> = JSON.parse(readFileSync(file, 'utf8'))
  const translate = createTranslator({ locale: language, messages: { refusal }, namespace: 'refusal' })
  return (code, values) => (code in refusal ? translate(code, values) : translate('invalid', {}))
}
