import { expect, test } from 'vitest'
import { startIdentityRun } from '@/lib/test-send/identity-run'
import { makeBaseUser, makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { interrupted } from '@/lib/testing/interrupted'
import { sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { readCard } from './read-card'

test('a card beside an identity run that has ended is shown as it left it, whenever in the reading it ended', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ tls: 'none' })
  const seen: string[] = []
  for (let nth = 1, isBetween = true; isBetween; nth++) {
    isBetween = false
    const { admin } = await makeCompany(db, `acme${nth}`)
    await sendThrough(db, admin, { port: smarthost.port, tls: 'none' })
    await makeBaseUser(db, admin)
    await startIdentityRun(db, admin)
    const reader = interrupted(db, nth, async () => {
      isBetween = true
      await turn(db)
    })
    const { run, health } = await readCard(reader, admin, { code: 'JAN', query: {} })
    seen.push(`${run?.ended ? 'ended' : 'running'} ${health.state}`)
    await turn(db) // what nobody interrupted
  }
  expect(new Set(seen), 'while a run goes on the page is read again').toEqual(new Set(['ended works', 'running works', 'running neverUsed']))
}, 120_000)
