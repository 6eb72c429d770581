import { expect, test } from 'vitest'
import { testText } from './test-text'

test.each([
  ['pl', '3 maja 2026'],
  ['en', '3 May 2026'],
  ['et', '3. mai 2026'],
] as const)('a test message in %s was sent on %s, by the clock of 24 hours', (language, day) => {
  const { text } = testText(language, { code: 'ANNA', server: 'directo.gate.ee', at: new Date('2026-05-03T14:20:05Z') })
  expect(text).toContain(day)
  expect(text).toContain('14:20:05 UTC')
})
