import { expect, test } from 'vitest'
import { open, seal } from './seal'

const place = {
  table: 'credential',
  column: 'password_sealed',
  tenantId: 'acme',
  rowId: 'anna',
  boundTo: ['smtp.acme.test', 465, 'implicit', 'anna@acme.test'],
}

test('a sealed password opens in its own place and is not to be read in the seal', () => {
  const sealed = seal('zażółć gęślą', place)
  expect(open(sealed, place)).toBe('zażółć gęślą')
  expect(sealed).not.toContain(Buffer.from('zażółć').toString('base64url').slice(0, 6))
})

test.each([
  ['another company', { ...place, tenantId: 'globex' }],
  ['another card', { ...place, rowId: 'jan' }],
  ['another column', { ...place, column: 'values_sealed' }],
  ['another server', { ...place, boundTo: ['smtp.evil.test', 465, 'implicit', 'anna@acme.test'] }],
  ['another port', { ...place, boundTo: ['smtp.acme.test', 25, 'implicit', 'anna@acme.test'] }],
  ['an open connection', { ...place, boundTo: ['smtp.acme.test', 465, 'none', 'anna@acme.test'] }],
])('a password carried to %s does not open', (_, elsewhere) => {
  const sealed = seal('secret', place)
  expect(() => open(sealed, elsewhere)).toThrow()
})

test('a seal with one changed character does not open', () => {
  const sealed = seal('secret', place)
  const changed = `${sealed.slice(0, -2)}${sealed.at(-2) === 'A' ? 'B' : 'A'}${sealed.at(-1)}`
  expect(() => open(changed, place)).toThrow()
})
