import { expect, test } from 'vitest'
import { cutAtWord } from './step-words'

test('a long reply ends at a word and says that it was cut', () => {
  expect(cutAtWord('550 No such user here', 30)).toBe('550 No such user here')
  expect(cutAtWord('550 No such user here, ask again', 25)).toBe('550 No such user here…')
  expect(cutAtWord('https://example.test/help', 12)).toBe('https://exa…')
})
