import { expect, test } from 'vitest'
import { firstPath, returnPath, signInPath } from './return-path'

test.each([
  ['/outbox?state=waiting', '/outbox?state=waiting', 'a page of ours'],
  ['https://evil.test/', firstPath, 'another site'],
  ['//evil.test', firstPath, 'another site without a scheme'],
  ['/\\evil.test', firstPath, 'what browsers read as //'],
  ['/a\nb', firstPath, 'a line break'],
  ['/', firstPath, 'the front door'],
  [null, firstPath, 'nothing'],
])('signing in from %j leads to %s', (wanted, path, why) => {
  expect(returnPath(wanted), why).toBe(path)
})

test('the sign-in remembers the page only when it is not the first one', () => {
  expect(signInPath('/outbox')).toBe('/login?next=%2Foutbox')
  expect(signInPath(firstPath)).toBe('/login')
})
