import { afterEach, expect, test } from 'vitest'
import { env } from '@/lib/env'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { getRoute } from './resolve-route'

afterEach(() => {
  env.relayUrl = undefined
})

test.each([
  ['smtp://10.0.0.5:25?tls=none', { host: '10.0.0.5', port: 25, tls: 'none' }, 'an open relay is not called encrypted'],
  ['smtps://user:secret@relay.platform.test', { host: 'relay.platform.test', port: 465, tls: 'implicit' }, 'its login is nobody’s business'],
  ['smtp://[::1]:2500', { host: '::1', port: 2500, tls: 'starttls' }, 'brackets belong to the URL, not to the address'],
])('mail through the relay %s is shown to leave by just that server', async (url, server, why) => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  env.relayUrl = url
  expect((await getRoute(db, user, { code: 'ANNA' })).server?.value, why).toEqual(server)
})
