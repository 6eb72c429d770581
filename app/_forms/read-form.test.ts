import { expect, test } from 'vitest'
import { assertStorable, readForm, typedLists, typedValues } from './read-form'

test('what was typed comes back, passwords never', () => {
  const form = new FormData()
  for (const [name, value] of [
    ['server', 'smtp.acme.test:465'],
    ['password', 'secret'],
    ['id', 'a'],
    ['id', 'b'],
    ['$ACTION_KEY', 'x'],
  ] as const)
    form.append(name, value)
  const fields = readForm(form)
  expect(fields).toEqual({ server: 'smtp.acme.test:465', password: 'secret', id: ['a', 'b'] })
  expect(typedValues(fields)).toEqual({ server: 'smtp.acme.test:465', id: 'b' })
  expect(typedLists(fields)).toEqual({ id: ['a', 'b'] })
})

test.each([
  [{ name: 'An\0na', id: 'a' }, 'name'],
  [{ name: 'Anna', id: ['a', '\0'] }, 'id'],
])('a NUL is refused at its field: %j', (fields, field) => {
  expect(() => assertStorable(fields)).toThrow(expect.objectContaining({ code: 'textUnsafe', field }))
})
