import { expect, test } from 'vitest'
import { readForm, typedValues } from './read-form'

test('what was typed comes back, passwords never', () => {
  const form = new FormData()
  for (const [name, value] of [
    ['server', 'smtp.acme.test:465'],
    ['password', 'secret'],
    ['current', 'old'],
    ['id', 'a'],
    ['id', 'b'],
    ['$ACTION_KEY', 'x'],
  ] as const)
    form.append(name, value)
  const fields = readForm(form)
  expect(fields).toEqual({ server: 'smtp.acme.test:465', password: 'secret', current: 'old', id: ['a', 'b'] })
  expect(typedValues(fields)).toEqual({ server: 'smtp.acme.test:465', id: 'b' })
})
