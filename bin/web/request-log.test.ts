import { expect, test } from 'vitest'
import { loggedPath } from './request-log'

test.each([
  ['/outbox/01abc?q=klient%40example.test', '/outbox/01abc'],
  ['/invite/secret-token', '/invite/…'],
  ['/reset/secret-token?x=1', '/reset/…'],
  ['/u/secret-token', '/u/…'],
  ['/settings/user', '/settings/user'],
])('%s is logged as %s', (url, path) => {
  expect(loggedPath(url)).toBe(path)
})
