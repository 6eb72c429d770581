import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { cleanHeaders, refuseBody } from './incoming'

const asked = (headers: Record<string, string>) => ({ headers: { ...headers }, socket: { remoteAddress: '192.0.2.9' } }) as unknown as IncomingMessage
const appUrl = 'https://mail.acme.test'

test('a client cannot say where it comes from', () => {
  const request = asked({
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
    'x-forwarded-host': 'evil.test',
    'x-posthorn-peer': '127.0.0.1',
    host: 'mail.acme.test',
  })
  cleanHeaders(request, { trustedHops: 0, appUrl })
  expect(request.headers).toEqual({ host: 'mail.acme.test', 'x-posthorn-peer': '192.0.2.9', 'x-posthorn-forwarded': '1' })
})

test.each([
  [1, '198.51.100.7'],
  [2, '203.0.113.5'],
])('behind %i trusted proxies the client is the address that the outermost of them saw', (trustedHops, client) => {
  const request = asked({ 'x-forwarded-for': '10.0.0.1, 203.0.113.5, 198.51.100.7', 'x-forwarded-host': 'evil.test' })
  cleanHeaders(request, { trustedHops, appUrl })
  expect(request.headers).toMatchObject({ 'x-forwarded-for': client, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'mail.acme.test' })
})

test('what is no address in that place is nobody’s', () => {
  const request = asked({ 'x-forwarded-for': '203.0.113.5, unknown' })
  cleanHeaders(request, { trustedHops: 1, appUrl })
  expect(request.headers['x-forwarded-for']).toBeUndefined()
})

test.each([
  [{ 'transfer-encoding': 'chunked' }, 411],
  [{ 'content-length': '1048577' }, 413],
  [{ 'content-length': '1048576' }, null],
  [{}, null],
])('a body announced as %o is answered %s', (headers, status) => {
  expect(refuseBody(asked(headers as Record<string, string>))).toBe(status)
})
