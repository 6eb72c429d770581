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
  expect(wiredBody(Buffer.from('zażółć\r\n'))).toEqual({ bytes: Buffer.from('zażółć\r\n'), has8bit: true })
  expect(wiredBody(Buffer.from('plain\r\n')).has8bit).toBe(false)
})
