import { expect, test } from 'vitest'
import { type FormState, idleForm } from './form-state'
import { keepTyped } from './keep-typed'

const sentence = 'No connection to the server.'
const failsWith = (error: unknown) => keepTyped<FormState>(async () => Promise.reject(error), sentence)

test('what was typed stays while the network is away, passwords apart', async () => {
  const form = new FormData()
  form.append('server', 'smtp.acme.test:465')
  form.append('password', 'secret')
  form.append('events', 'message.queued')
  form.append('events', 'message.accepted')
  expect(await failsWith(new TypeError('Failed to fetch'))(idleForm, form)).toEqual({
    status: 'refused',
    message: sentence,
    fieldErrors: {},
    values: { server: 'smtp.acme.test:465', events: 'message.accepted' },
    lists: { events: ['message.queued', 'message.accepted'] },
  })
})

test.each([
  ['a redirect', 'NEXT_REDIRECT;push;/login;307;'],
  ['a bug', '2413870151'],
])('%s of the server is no lost connection', async (_what, digest) => {
  await expect(failsWith(Object.assign(new Error('x'), { digest }))(idleForm, new FormData())).rejects.toThrow(expect.objectContaining({ digest }))
})
