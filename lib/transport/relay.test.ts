import { expect, test } from 'vitest'
import { parseRelay } from './relay'

test.each([
  ['smtp://relay.test', { host: 'relay.test', port: 25, tls: 'starttls', login: null }],
  ['smtps://relay.test', { host: 'relay.test', port: 465, tls: 'implicit' }],
  ['smtp://us%40er:p%3Ass@relay.test:587', { port: 587, login: { username: 'us@er', password: 'p:ss' } }],
  ['smtp://127.0.0.1:2500?tls=none', { host: '127.0.0.1', port: 2500, tls: 'none' }],
  ['smtp://[::1]:25', { host: '::1' }],
])('the relay of %s is connected to as its address says', (url, relay) => {
  expect(parseRelay(url)).toMatchObject({ ...relay, trust: 'platform' })
})

test('what is no relay is said so at the start', () => {
  for (const url of ['https://relay.test', 'relay.test:25', '']) expect(() => parseRelay(url)).toThrow()
})
