import { expect, test } from 'vitest'
import { wiredBody } from './wired-body'

test.each([
  ['a\r\nb\r\n', 'a\r\nb\r\n', 'nothing to do'],
  ['a', 'a\r\n', 'the last line ends'],
  ['', '', 'an empty body is one'],
  ['.a\r\n.\r\n..\r\n', '..a\r\n..\r\n...\r\n', 'dots at the start of a line are doubled'],
  ['a.b\r\n', 'a.b\r\n', 'other dots are not'],
  ['a\n.\nMAIL FROM:<x>\n', 'a\r\n..\r\nMAIL FROM:<x>\r\n', 'lone line feeds smuggle nothing'],
  ['a\r.\rMAIL\r', 'a\r\n..\r\nMAIL\r\n', 'lone carriage returns neither'],
  ['a\r\n.\rb\r\n', 'a\r\n..\r\nb\r\n', 'nor a mixture'],
  ['a\r\r\n.\r\n', 'a\r\n\r\n..\r\n', 'nor a doubled one'],
  ['a\r', 'a\r\n', 'at the very end'],
])('%j goes out as %j: %s', (raw, wired) => {
  expect(wiredBody(Buffer.from(raw)).bytes.toString()).toBe(wired)
})

test('bytes beyond ASCII are noticed and left alone', () => {
  expect(wiredBody(Buffer.from('zażółć\r\n'))).toMatchObject({ bytes: Buffer.from('zażółć\r\n'), has8bit: true })
  expect(wiredBody(Buffer.from('plain\r\n')).has8bit).toBe(false)
})

test.each([
  ['Subject: Żądanie\r\n\r\nx\r\n', 'utf8', true, 'a header in UTF-8'],
  ['Subject: Żądanie\n\nx\n', 'utf8', true, 'with lines that were mended'],
  ['Subject: x\r\n\r\nżądanie\r\n', 'utf8', false, 'a body is not the header'],
  ['Subject: p\u00f5hi\r\n\r\nx\r\n', 'latin1', false, 'another code is not UTF-8'],
  ['Subject: x\r\n\r\nx\r\n', 'utf8', false, 'ASCII needs nothing'],
] as const)('%j in %s is a header of UTF-8: %s', (raw, encoding, hasUtf8Header, why) => {
  expect(wiredBody(Buffer.from(raw, encoding)).hasUtf8Header, why).toBe(hasUtf8Header)
})
