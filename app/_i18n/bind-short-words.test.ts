import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createTranslator } from 'next-intl'
import { expect, test } from 'vitest'
import { bindShortWords } from './bind-short-words'
import { loadMessages } from './load-messages'

const shown = (text: string) => bindShortWords(text).replaceAll('\u00a0', '_')

test.each([
  ['Jak wychodzi Twoja poczta z firmy {company} i co widzi odbiorca.', 'Jak wychodzi Twoja poczta z_firmy {company} i_co widzi odbiorca.'],
  ['W {provider}, a w nim (o świcie)', 'W_{provider}, a_w_nim (o_świcie)'],
  ['<b>W Gmailu</b> i <b>z hasłem</b>', '<b>W_Gmailu</b> i_<b>z_hasłem</b>'],
  ['{whose, select, own {Z Twojej karty} other {Z karty}}', '{whose, select, own {Z_Twojej karty} other {Z_karty}}'],
  [
    '{waiting, plural, one {Czeka # wiadomość} other {Czeka # z {all} wiadomości.}}',
    '{waiting, plural, one {Czeka #_wiadomość} other {Czeka #_z_{all} wiadomości.}}',
  ],
  ['Litera A. Plan B i {i} oraz {a, plural, one {#} other {#}}', 'Litera A. Plan B i_{i} oraz {a, plural, one {#} other {#}}'],
])('%s', (text, bound) => {
  expect(shown(text)).toBe(bound)
})

test('a message with bound words is still read as one', () => {
  const onError = (error: Error) => {
    throw error
  }
  const messages = { count: bindShortWords('{count, plural, one {W # liście} few {W # listach} other {W # listach}} z <b>{name}</b>') }
  const t = createTranslator({ locale: 'pl', messages, onError })
  expect(t.markup('count', { count: 3, name: 'Acme', b: chunks => `*${chunks}*` })).toBe('W\u00a03\u00a0listach z\u00a0*Acme*')
})

test('the pages bind the short words of Polish, and of no other language', async () => {
  const [pl, en] = await Promise.all([loadMessages('pl'), loadMessages('en')])
  expect(pl.identity?.progress).toBe('Odpowiedzi: {done} z\u00a0{count}.')
  expect(JSON.stringify(en)).not.toContain('\u00a0')
})

test('no choice within a message is named by one letter, which would be taken for a word', () => {
  const folder = path.join(import.meta.dirname, 'messages/pl')
  const texts = readdirSync(folder).flatMap(file => readFileSync(path.join(folder, file), 'utf8').split('\n'))
  const named = texts.filter(text => /, (select|selectordinal|plural),/.test(text) && /[,}]\s*[aiouwz]\s*\{/i.test(text))
  expect(named).toEqual([])
})
