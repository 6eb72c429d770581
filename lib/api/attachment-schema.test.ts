import { expect, test } from 'vitest'
import { parseRequest } from './api-error'
import { messageSchema } from './message-schema'

const invoice = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura 1/11/2026' }
const parse = (...attachments: object[]) =>
  parseRequest(messageSchema, { ...invoice, attachments: attachments.map(given => ({ filename: 'faktura.pdf', content: 'YQ==', ...given })) }).attachments ?? []
const refusal = (code: string, field: string) => expect.objectContaining({ code, field })

const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251))
const inLines = (width: number, end: string) => bytes.toString('base64').replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`)

test.each([
  ['in one line', bytes.toString('base64')],
  ['in lines of MIME', inLines(76, '\r\n')],
  ['in lines of PEM', inLines(64, '\n')],
  ['in lines of an odd length', inLines(75, '\n')],
  ['with blanks', inLines(10, ' \t')],
  ['with a line end after it', `${bytes.toString('base64')}\r\n`],
])('a file comes in whole in base64 %s', (_, content) => {
  expect(parse({ content })[0]?.content.equals(bytes)).toBe(true)
})

test('a padding may be broken, too, and nothing at all is an empty file', () => {
  expect(parse({ content: 'YQ=\r\n=' })[0]?.content.toString()).toBe('a')
  for (const content of ['', '\r\n']) expect(parse({ content })[0]?.content).toHaveLength(0)
})

test.each(['YQ', 'YQ=', 'YQ===', 'YQ== YQ==', 'Y=Q=', 'YQ=a', '=', '====', 'YWJ!', 'YWJj!\r\n', 'YWJj\0\r\n', 'YWJjĀ\n', 'YWJj\u00a0'])(
  'what Node would read with something left out is refused: %j',
  content => {
    expect(() => parse({ content })).toThrow(refusal('base64Invalid', 'attachments[0].content'))
  },
)

test.each(['-_-_', 'YWJjZ-8=', 'YW-j\r\nYWJj'])('base64url is another alphabet, and refused: %j', content => {
  expect(() => parse({ content })).toThrow(refusal('base64Invalid', 'attachments[0].content'))
})

test.each(['.', '..', ' .. ', '', ' ', 'a/b', 'a\\b', '../a'])('a file name leads nowhere: %j', filename => {
  expect(() => parse({ filename })).toThrow(refusal('filenameInvalid', 'attachments[0].filename'))
})

test.each(['...', '.htaccess', 'a..b', 'faktura 1.pdf', 'żółć.pdf'])('the file name %j leads nowhere either', filename => {
  expect(parse({ filename })).toMatchObject([{ filename }])
})

test('two pictures of the HTML under one name are refused at the second', () => {
  const [logo, other] = [{ content_id: 'logo' }, { content_id: 'Logo' }]
  expect(parse(logo, other, {}, {})).toHaveLength(4)
  expect(() => parse(logo, {}, other, logo)).toThrow(refusal('contentIdTwice', 'attachments[3].content_id'))
})
