import { expect, test } from 'vitest'
import { languageOfHeader } from './language'

test.each([
  ['pl-PL,pl;q=0.9,en;q=0.8', 'pl'],
  ['de-DE,de;q=0.9,et;q=0.5,en;q=0.3', 'et'],
  ['en;q=0.2,pl;q=0.7', 'pl'],
  ['pl;q=0,en', 'en'],
  ['de', 'en'],
  [null, 'en'],
])('a browser that asks for %j reads %s', (header, language) => {
  expect(languageOfHeader(header)).toBe(language)
})
