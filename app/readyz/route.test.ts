import { expect, test } from 'vitest'
import { closeDb, openedDb } from '@/db/client'
import { env } from '@/lib/env'
import { prepareInstallation } from '@/lib/installation/installation'
import { testDb } from '@/lib/testing/database'
import { GET as healthz } from '../healthz/route'
import { GET as readyz } from './route'

test('a web process lives whatever its database does, and is ready when that answers and is of its mode', async () => {
  await using db = await testDb()
  await prepareInstallation(db)
  const ask = async () => {
    const response = await readyz()
    return { status: response.status, body: await response.json() }
  }
  try {
    expect(await ask()).toEqual({ status: 200, body: { status: 'ok', checks: { database: 'ok', migrations: 'ok', mode: 'ok', clock: 'ok', keys: 'ok' } } })
    env.relayUrl = 'smtps://user:secret@relay.example.test'
    const wrong = await ask()
    expect(wrong).toMatchObject({ status: 503, body: { status: 'not ready', checks: { database: 'ok', mode: expect.stringContaining('RELAY_URL is set') } } })
    expect(JSON.stringify(wrong)).not.toContain('secret')
  } finally {
    env.relayUrl = undefined
    const opened = openedDb()
    if (opened) await closeDb(opened)
  }
  const lives = await healthz()
  expect([lives.status, await lives.json(), lives.headers.get('cache-control')]).toEqual([200, { status: 'ok' }, 'no-store'])
})
