import { readdirSync, readFileSync } from 'node:fs'
import { createTranslator } from 'next-intl'
import { expect, test } from 'vitest'
import { apiErrors, valueErrors } from '@/lib/api/api-error'
import { say } from './say'

type Sentences = Record<string, string>
const languages = ['pl', 'en', 'et'] as const
const read = (language: string): Sentences => JSON.parse(readFileSync(`app/_i18n/messages/${language}/refusal.json`, 'utf8'))
const sentences = Object.fromEntries(languages.map(language => [language, read(language)]))

/** Every code that stands as a literal in the domain, thrown or given to a form, and those of the HTTP API that have a status of their own. */
const codes = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .flatMap(file => [...readFileSync(`lib/${file}`, 'utf8').matchAll(/new Refusal\('(\w+)'/g)].map(([, code = '']) => code))
  .concat(apiErrors.map(({ code }) => code))
  .concat(valueErrors)

/** Not the text of a plural's case, which begins like one. */
const placeholders = (sentence = '') => [...new Set([...sentence.matchAll(/\{(\w+)(?=[},])/g)].map(([, name]) => name))].sort()

test.each([...new Set(codes)].sort())('%s has a sentence in every language', code => {
  for (const language of languages) expect(sentences[language]?.[code], language).toBeTruthy()
})

test.each(languages)('the sentences in %s say the same things, and can be read', language => {
  const [own = {}, polish = {}] = [sentences[language], sentences.pl]
  expect(Object.keys(own).sort()).toEqual(Object.keys(polish).sort())
  const translate = createTranslator({
    locale: language,
    messages: { refusal: own },
    namespace: 'refusal',
    onError: error => {
      throw error
    },
  })
  for (const [code, sentence] of Object.entries(own)) {
    const values = Object.fromEntries(placeholders(sentence).map(name => [name, 2]))
    expect(translate(code, values), code).not.toBe('')
    const known = placeholders(polish[code])
    expect(
      placeholders(sentence).every(name => known.includes(name)),
      `${code}: ${placeholders(sentence)} and ${known}`,
    ).toBe(true)
  }
})

test.each([
  ['choiceUnknown', { choices: 'queued, sending' }, /queued, sending/],
  ['limitInvalid', {}, /\b1\b\D+\b200\b/],
])('%s names what may stand there, in every language', (code, values, named) => {
  for (const language of languages) expect(say(language, code, values)).toMatch(named)
})

/** Words in quotes of the files that read what programs send, as far as they are codes. */
const ofRequests = ['message-schema', 'attachment-schema', 'header-schema', 'text-schema', 'answer-schema', 'api-error']
  .flatMap(file => [...readFileSync(`lib/api/${file}.ts`, 'utf8').matchAll(/'(\w+)'/g)].map(([, code = '']) => code))
  .filter(code => code !== 'invalid' && Object.hasOwn(sentences.en ?? {}, code))

test.each([...new Set(ofRequests)].sort())('%s stands among the codes of the HTTP API', code => {
  expect([...apiErrors.map(error => error.code), ...valueErrors]).toContain(code)
})
