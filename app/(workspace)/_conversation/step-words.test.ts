import { expect, test } from 'vitest'
import { cutText } from './step-words'

test('a long reply ends at a word and says that it was cut', () => {
  expect(cutText('550 No such user here', 30)).toBe('550 No such user here')
  expect(cutText('550 No such user here, ask again', 25)).toBe('550 No such user here…')
  expect(cutText('https://example.test/help', 12)).toBe('https://exa…')
})
