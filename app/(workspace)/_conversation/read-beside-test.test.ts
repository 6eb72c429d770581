import { expect, test } from 'vitest'
import { closeDb, openedDb } from '@/db/client'
import { findMove, startMove } from '@/lib/microsoft365/move-off-password'
import { getSender } from '@/lib/sender/sender'
import { makeCompany } from '@/lib/testing/company'
import { consent, keepPasswordAtMicrosoft } from '@/lib/testing/consent'
import { testDb } from '@/lib/testing/database'
import { startMicrosoft } from '@/lib/testing/microsoft'
import { turn } from '@/lib/testing/outbox'
import { readBesideTest } from './read-beside-test'

test('a page that is read while its test switches the card shows the card as it is since, and the test as accepted', async () => {
  await using db = await testDb()
  await using microsoft = await startMicrosoft()
  const { user } = await makeCompany(db)
  await keepPasswordAtMicrosoft(db, user)
  await consent(db, microsoft, user)
  const { id } = await startMove(db, user, { code: 'ANNA', to: 'anna@acme.test', language: 'en' })
  const code = 'ANNA'
  const read = async (meanwhile?: () => Promise<unknown>) => {
    const { choice } = await getSender(db, user, { code })
    await meanwhile?.()
    return { choice, move: await findMove(db, user, { code }) }
  }
  try {
    const underWay = await readBesideTest(user, id, read)
    expect(underWay).toMatchObject({ tested: { view: { ended: false } }, facts: { choice: 'smtp', move: { username: 'Anna@acme.test' } } })
    const switched = await readBesideTest(user, id, () => read(() => turn(db)))
    expect(switched).toMatchObject({ tested: { view: { ended: true, outcome: 'accepted' } }, facts: { choice: 'microsoft365', move: null } })
    expect(await readBesideTest(user, 'nothing', read), 'a test that is none of theirs is none').toMatchObject({ tested: null })
  } finally {
    const opened = openedDb()
    if (opened) await closeDb(opened)
  }
})
