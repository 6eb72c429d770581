import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createTranslator } from 'next-intl'

type Values = Record<string, string | number>
type Sentence = (code: string, values: Values) => string | null

const known = new Map<string, Sentence>()

/** The sentence of a refusal in one of our languages, for what answers without a page. */
export const say = (language: string, code: string, values?: Values): string =>
  findSentence(language, code, values) ?? findSentence(language, 'invalid') ?? code

/** Null when the code has no sentence. */
export function findSentence(language: string, code: string, values: Values = {}): string | null {
  const sentence = known.get(language) ?? sentencesOf(language)
  known.set(language, sentence)
  return sentence(code, values)
}

function sentencesOf(language: string): Sentence {
  const file = path.join(process.cwd(), `app/_i18n/messages/${language}/refusal.json`)
  const refusal: Record<string, string> = JSON.parse(readFileSync(file, 'utf8'))
  const translate = createTranslator({ locale: language, messages: { refusal }, namespace: 'refusal' })
  return (code, values) => (code in refusal ? translate(code, values) : null)
}
