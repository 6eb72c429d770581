import { expect, test } from 'vitest'
import { parseQuery } from './outbox-query'

test('a search longer than a page takes is cut, not forgotten: without one the list would show everything', () => {
  expect(parseQuery({ q: `faktura ${'x'.repeat(300)}` }).q).toHaveLength(200)
})
