import { simpleParser } from 'mailparser'
import { describe, expect, test } from 'vitest'
import { composeMessage, type Letter, treeOf } from './compose-message'
import { type MimeTree, writeOut } from './write-out'

const plain: Letter = {
  from: { name: 'Anna Kowalska', address: 'anna@acme.test' },
  replyTo: null,
  to: ['k@example.test'],
  cc: [],
  subject: 'Invoice 1/11/2026',
  text: 'Dear customer,\nplease find it attached.\n',
  rfcMessageId: '01abc@acme.test',
  date: new Date(1_700_000_000_000),
}
const polish = 'Zażółć gęślą jaźń, „proszę” — 12 zł.\r\n'
const long = 'a line that goes on and on and never ends, '.repeat(60).trimEnd()
const pdf = { filename: 'faktura żółta; "1".pdf', contentType: 'application/pdf', content: Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7) % 256)) }
const logo = { filename: 'logo.png', contentType: 'image/png', content: Buffer.from([137, 80, 0, 1]), cid: 'logo@acme' }

const letters: Record<string, Letter> = {
  'a short text': plain,
  'no text at all': { ...plain, text: '' },
  'nobody whom the others may see': { ...plain, to: [] },
  'nobody but a copy': { ...plain, to: [], cc: ['c@example.test'] },
  'a text without a line end': { ...plain, text: 'Yours, Anna' },
  'dots at the beginning of lines': { ...plain, text: '.\n..\n.hidden\n' },
  'letters of another alphabet': { ...plain, text: polish.repeat(40), subject: polish.trim(), from: { name: 'Łucja Żądło', address: 'l@acme.test' } },
  'another alphabet altogether': { ...plain, text: 'Уважаемый клиент, счёт во вложении.\n'.repeat(20) },
  'lines too long for SMTP': { ...plain, text: long },
  'blanks before the end of a line': { ...plain, text: `${polish.trim()}   \n\t\nend  ` },
  'text and HTML': { ...plain, html: `<p>${polish}</p>` },
  'HTML with a picture inside': { ...plain, html: '<img src="cid:logo@acme">', attachments: [logo] },
  'an attachment': { ...plain, attachments: [pdf] },
  'everything together': {
    ...plain,
    text: polish,
    html: `<p>${long}</p>`,
    cc: ['c@example.test', 'd@example.test'],
    replyTo: 'biuro@acme.test',
    attachments: [pdf, logo, { ...pdf, filename: null }],
    headers: [
      ['X-Number', '7'],
      ['References', '<a@b> <c@d>'],
    ],
  },
}

describe('written out at once', () => {
  test.each(Object.entries(letters))('a letter of %s is composed to the bytes that the library writes', async (_, letter) => {
    const wanted = await treeOf(letter).build()
    const got = writeOut(treeOf(letter) as unknown as MimeTree)
    expect(got.toString('latin1')).toBe(wanted.toString('latin1'))
    expect((await composeMessage(letter)).toString('latin1')).toBe(wanted.toString('latin1'))
  })

  test('a letter that names nobody says so, and one that names somebody does not', async () => {
    const head = async (letter: Letter) => (await composeMessage(letter)).toString('latin1').split('\r\n\r\n')[0]
    for (const letter of [
      { ...plain, to: [] },
      { ...plain, to: [], html: '<p>x</p>' },
    ]) {
      expect(await head(letter)).toMatch(/^To: Undisclosed recipients:;$/m)
      expect((await simpleParser(await composeMessage(letter))).to).toMatchObject({ value: [{ name: 'Undisclosed recipients', group: [] }] })
    }
    expect(await head({ ...plain, to: [], cc: ['c@example.test'] })).not.toMatch(/^To:/m)
    expect(await head(plain)).toMatch(/^To: k@example.test$/m)
  })

  const names = [
    '',
    'Anna',
    ' Anna ',
    "O'Hara",
    'Kowalska, Anna',
    'Anna "Ania" K.',
    'Łucja Żądło',
    'Anna  Maria',
    '=?utf-8?Q?Anna?=',
    'A'.repeat(90),
    'Anna\tMaria',
    '__proto__',
  ]
  const addresses = [
    'anna@acme.test',
    'Anna.Kowalska@Acme.TEST',
    'anna@żółw.test',
    'łucja@acme.test',
    '"anna k"@acme.test',
    'anna..k@acme.test',
    '.anna@acme.test',
    'anna@[192.0.2.1]',
    'anna@127.1',
    'anna@0x7f.1',
    'anna@xn--ww-2la5hz8d.test',
    'anna@xn--a.test',
    'anna@-acme.test',
    'anna@acme',
    'anna@acme.test.',
    "o'hara+x=y@a-b.c--d.acme.test",
    `${'a'.repeat(64)}@${'b'.repeat(60)}.test`,
  ]
  const subjects = [
    'Invoice 7',
    '',
    '   ',
    'Faktura żółta',
    '=?utf-8?Q?Invoice?=',
    'a =? b',
    'x'.repeat(75),
    'x'.repeat(200),
    'word '.repeat(40).trim(),
    'tab\there',
    'a  b',
    'Счёт',
  ]
  test.each(names.map(name => ({ name })))('a letter from "$name" is composed to the bytes that the library writes', async ({ name }) => {
    for (const address of addresses) await isTheSame({ ...plain, from: { name, address } })
  })
  test.each(addresses.map(address => ({ address })))('a letter to $address is composed to the bytes that the library writes', async ({ address }) => {
    await isTheSame({ ...plain, to: [address], replyTo: address })
    await isTheSame({ ...plain, to: ['k@example.test', address], cc: addresses })
    await isTheSame({ ...plain, to: [], cc: [address] })
  })
  test.each(subjects.map(subject => ({ subject })))('a letter about "$subject" is composed to the bytes that the library writes', async ({ subject }) => {
    await isTheSame({ ...plain, subject, text: polish })
    await isTheSame({ ...plain, subject, rfcMessageId: `${'1'.repeat(80)}@acme.test` })
  })
})

async function isTheSame(letter: Letter): Promise<void> {
  expect((await composeMessage(letter)).toString('latin1')).toBe((await treeOf(letter).build()).toString('latin1'))
}

test('a long text that ends with a blank breaks its last line elsewhere, and says the same', async () => {
  const letter = { ...plain, text: `${long} ` }
  const written = writeOut(treeOf(letter) as unknown as MimeTree)
  const [got, wanted] = [await simpleParser(written), await simpleParser(await treeOf(letter).build())]
  expect(got.text).toBe(wanted.text)
  for (const line of written.toString().split('\r\n')) expect(line.length).toBeLessThanOrEqual(76)
})
