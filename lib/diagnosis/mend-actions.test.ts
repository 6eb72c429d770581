import { expect, test } from 'vitest'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sendThrough } from '@/lib/testing/outbox'
import { explain } from './explain-failure'
import { mendActions } from './mend-actions'
import { getMendContext } from './mend-context'

test.each([
  ['connectionRefused', ['probe', 'openCard', 'ipWhitelist']],
  ['timeout', ['probe', 'openCard', 'ipWhitelist']],
  ['hostNotFound', ['openCard']],
])('a server that gives %s leads to the card where it is typed', async (errorCode, actions) => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await sendThrough(db, user, { host: 'smtp.acme.test', port: 587 })
  const explained = explain({ phase: 'connect', reply: null, errorCode })
  expect(mendActions(explained, await getMendContext(db, user, { code: 'ANNA' }))).toEqual(actions)
})
