import { expect, test } from 'vitest'
import { parseMime } from './parse-mime'

const parts = (count: number, of: (number: number) => string, boundary = 'b') => {
  const all = Array.from({ length: count }, (_, number) => `--${boundary}\r\n${of(number)}\r\n`)
  return Buffer.from(`Subject: x\r\nContent-Type: multipart/mixed; boundary=${boundary}\r\n\r\n${all.join('')}--${boundary}--\r\n`)
}
const file = (number: number) => `Content-Disposition: attachment; filename=${number}.txt\r\n\r\n${number}`

test('a message of as many files as people send is shown whole', async () => {
  const { attachments } = await parseMime(parts(100, file))
  expect(attachments.map(({ filename }) => filename)).toEqual(Array.from({ length: 100 }, (_, number) => `${number}.txt`))
})

test('of a message of countless parts the text and the first files are shown, and the others cost nothing', async () => {
  const { text, attachments } = await parseMime(parts(20_000, number => (number === 0 ? 'Content-Type: text/plain\r\n\r\nHello' : file(number))))
  expect(text).toBe('Hello\n')
  expect(attachments).toHaveLength(499)
  expect(attachments[0]?.filename).toBe('1.txt')
})

test('of endless short lines the first are shown', async () => {
  const { text } = await parseMime(Buffer.from(`Subject: x\r\n\r\n${'a\r\n'.repeat(110_000)}`))
  expect(text?.split('a')).toHaveLength(99_999)
})

test.each(['7bit', 'base64'])('a message that hangs on another, sent as %s, is one file, whatever parts it has', async encoding => {
  const inner = parts(100, file, 'inner')
  const body = encoding === 'base64' ? inner.toString('base64').replace(/.{76}/g, '$&\r\n') : inner.toString()
  const { attachments } = await parseMime(parts(1, () => `Content-Type: message/rfc822\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`))
  expect(attachments.map(({ mimeType }) => mimeType)).toEqual(['message/rfc822'])
})

test.each([
  ['nested beyond all reason', Array.from({ length: 300 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`).join('')],
  ['with megabytes of header', `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: ${'a'.repeat(3_000_000)}\r\n\r\n`],
])('of a message whose parts are %s its own header is shown', async (_, parted) => {
  const { subject, text, attachments } = await parseMime(Buffer.from(`Subject: x\r\n${parted}Hello`))
  expect({ subject, text, attachments }).toEqual({ subject: 'x', text: undefined, attachments: [] })
})
