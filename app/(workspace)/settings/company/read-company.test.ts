import { expect, test } from 'vitest'
import { startIdentityRun } from '@/lib/test-send/identity-run'
import { makeBaseUser, makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { interrupted } from '@/lib/testing/interrupted'
import { password, sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { readCompany } from './read-company'

test('accounts beside an identity run that has ended are shown as it left them, whenever in the reading it ended', async () => {
  await using db = await testDb()
  const login = 'jan@acme.test'
  await using smarthost = await startSmarthost({ users: { [login]: password } })
  const seen: string[] = []
  for (let nth = 1, isBetween = true; isBetween; nth++) {
    isBetween = false
    const { admin } = await makeCompany(db, `acme${nth}`)
    await sendThrough(db, admin, smarthost, login)
    await makeBaseUser(db, admin)
    await startIdentityRun(db, admin)
    const reader = interrupted(db, nth, async () => {
      isBetween = true
      await turn(db)
    })
    const { run, accounts } = await readCompany(reader, admin)
    seen.push(`${run?.ended ? 'ended' : 'running'} ${accounts[0]?.lastAcceptedAt ? 'proven' : 'unused'}`)
    await turn(db) // what nobody interrupted
  }
  expect(new Set(seen), 'while a run goes on the page is read again').toEqual(new Set(['ended proven', 'running proven', 'running unused']))
}, 60_000)
