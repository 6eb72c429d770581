import { expect, test } from 'vitest'
import { addressesIn, mailboxField, onlyMailboxOf } from './raw-mailbox'
import { type RawAuthor, readRawMessage } from './raw-message'

const anna: RawAuthor = { cardAddress: 'anna@acme.test', from: { name: 'Anna', address: 'anna@acme.test' }, replyTo: null }
const made = { trace: 'by door', rfcMessageId: 'made@acme.test', date: new Date('2026-11-24T20:00:00Z') }
const read = (text: string, author = anna) => readRawMessage(Buffer.from(text), author, made)
const code = (text: string) => {
  try {
    read(text)
    return 'taken'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test.each([
  'anna@acme.test',
  '<ANNA@Acme.Test>',
  'Anna Nowak <anna@acme.test>',
  '"Nowak, Anna (biuro)" <anna@acme.test>',
  '"a \\"quoted\\" name" <anna@acme.test>',
  '=?UTF-8?Q?Za=C5=BC=C3=B3=C5=82=C4=87?= <anna@acme.test>',
  'Zażółć <anna@acme.test>',
  'anna@acme.test (Anna (Nowak))',
  'anna@acme.test <Anna@acme.test>', // as scanners and mail() of PHP write an account without a name
  'Anna\r\n  Nowak\r\n\t<anna@acme.test>',
])('From: %s is the card', from => {
  expect(code(`From: ${from}\r\n\r\nx\r\n`)).toBe('taken')
})

test.each([
  ['another address', 'From: jan@acme.test'],
  ['two authors', 'From: anna@acme.test, jan@acme.test'],
  ['two From fields', 'From: anna@acme.test\r\nFROM : jan@acme.test'],
  ['no author', 'Subject: x'],
  ['an empty author', 'From:'],
  ['an author who shows as another', 'From: jan@acme.test <anna@acme.test>'],
  ['a card that shows as another', 'From: anna@acme.test <jan@acme.test>'],
  ['an author beside the card', 'From: anna@acme.test jan@acme.test <anna@acme.test>'],
  ['an author who shows as more', 'From: anna@acme.test anna@acme.test <anna@acme.test>'],
  ['a second address after the first', 'From: <anna@acme.test> <jan@acme.test>'],
  ['a group', 'From: us:anna@acme.test;'],
  ['a source route', 'From: <@jan.test:anna@acme.test>'],
  ['a comment that does not end', 'From: (anna <anna@acme.test>'],
  ['a quote that does not end', 'From: "anna <anna@acme.test>'],
  ['an address of letters that look like it', 'From: аnna@acme.test'],
])('%s is refused', (_what, head) => {
  expect(code(`${head}\r\n\r\nx\r\n`)).toBe('fromNotCard')
})

test.each([
  ['Sender: jan@acme.test', 'senderNotCard'],
  ['sender:\r\n\tjan@acme.test', 'senderNotCard'],
  ['Sender: anna@acme.test\r\nSender: jan@acme.test', 'senderNotCard'],
  ['Sender: anna@acme.test', 'taken'],
  ['no colon here', 'headerMalformed'],
  ['X: a\nSender: jan@acme.test', 'lineBreakAlone'],
  ['X: a\rSender: jan@acme.test', 'lineBreakAlone'],
  ['X: \0', 'nulByte'],
  [Array.from({ length: 51 }, () => 'Received: by a').join('\r\n'), 'mailLoop'],
  [Array.from({ length: 400 }, () => `X: ${'a'.repeat(900)}`).join('\r\n'), 'headerMalformed'], // no program reads so much
])('with %j it is: %s', (line, expected) => {
  expect(code(`From: anna@acme.test\r\n${line}\r\n\r\nx\r\n`)).toBe(expected)
})

test.each(['a\n.\nb', 'a\r.\rb', 'a\n.\r\nb', 'a\r\n.\nb', 'a\r\r\n.\r\n'])('a body that another server would end early is refused: %j', body => {
  expect(code(`From: anna@acme.test\r\n\r\n${body}\r\n`)).toBe('lineBreakAlone')
})

test('the body is the same bytes, whatever they are', () => {
  const body = Buffer.concat([Buffer.from('\r\n'), Buffer.from([0xff, 0xfe, 0x80, 0x0d, 0x0a]), Buffer.from('.leading dot\r\n\r\n')])
  const { raw } = readRawMessage(Buffer.concat([Buffer.from('From: anna@acme.test\r\nX-Raw: \xc5\xbc\r\n', 'latin1'), body]), anna, made)
  expect(raw.toString('latin1')).toBe(
    `Received: by door\r\nMessage-ID: <made@acme.test>\r\nDate: Tue, 24 Nov 2026 20:00:00 +0000\r\nFrom: anna@acme.test\r\nX-Raw: \xc5\xbc\r\n${body.toString('latin1')}`,
  )
})

test('a name outside ASCII goes into encoded words that give it back', () => {
  const name = 'Zażółć gęślą jaźń, Spółka z ograniczoną odpowiedzialnością 🐎'
  const { raw } = read('From: anna@acme.test\r\n\r\nx\r\n', { ...anna, from: { name, address: 'acme@event.test' }, replyTo: 'anna@acme.test' })
  expect(raw.toString('latin1')).toMatch(/^[\x00-\x7f]*$/)
  const field = mailboxField({ name, address: 'acme@event.test' })
  const words = [...field.matchAll(/=\?UTF-8\?B\?(.*?)\?=/g)].map(([, word = '']) => Buffer.from(word, 'base64').toString('utf8'))
  expect(words.join('')).toBe(name)
  expect(onlyMailboxOf(field.replace(/\r\n/g, ''))?.address).toBe('acme@event.test')
})

test('whoever stands in To is found by any spelling, and what is no address is not', () => {
  const value = 'Jan <Jan@Firma.test>, "Nowak, Ewa" <ewa@firma.test>;us:ola@firma.test; (piotr@firma.test) nobody @firma.test ola@'
  expect(addressesIn(value)).toEqual(['jan@firma.test', 'ewa@firma.test', 'ola@firma.test', 'piotr@firma.test'])
})

test.each(['a', 'a@', '=?', '\\', '"', '(', '@', 'a '])('a header of nothing but %j is read in the time that its length takes', part => {
  const long = part.repeat(200_000 / part.length)
  const began = performance.now()
  code(`From: anna@acme.test\r\nTo: ${long}\r\n\r\nx\r\n`)
  code(`From: ${long}<anna@acme.test>\r\n\r\nx\r\n`)
  code(`From: anna@acme.test\r\nSubject: ${long}\r\n\r\nx\r\n`)
  expect(performance.now() - began, 'in its square it would be minutes').toBeLessThan(5000)
})

test('a subject that is cut within an emoji has no half of one', () => {
  expect(read(`From: anna@acme.test\r\nSubject: ${'x'.repeat(899)}🐎\r\n\r\nx\r\n`).subject).toBe(`${'x'.repeat(899)}\ufffd`)
})

test('a long subject in encoded words is kept as far as any is', () => {
  const word = `=?UTF-8?Q?${'=C5=BC'.repeat(10)}?=`
  const { subject } = read(`From: anna@acme.test\r\nSubject: ${Array.from({ length: 300 }, () => word).join('\r\n ')}\r\n\r\nx\r\n`)
  expect(subject).toBe('ż'.repeat(900))
})
