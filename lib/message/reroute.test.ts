import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { atomically } from '@/db/atomically'
import { type Db, poolOf } from '@/db/client'
import { accounts, cards, logins, messages } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { saveSender } from '@/lib/sender/sender'
import { senderForm } from '@/lib/sender/sender.form'
import { saveSendingPolicy } from '@/lib/sender/sending-policy'
import { sendingPolicyForm } from '@/lib/sender/sending-policy.form'
import { type Company, makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { enqueueMessage } from './enqueue-message'
import { countAllReroutable, countReroutable, mostCounted, sendAllWaitingByNewRoute } from './reroute'

const queue = (db: Db, actor: Actor) => enqueueMessage(db, actor, { to: ['k@example.test'], subject: 'Faktura', text: 'W załączeniu.', kind: 'document' })

async function makeJanBase(db: Db, { admin }: Company): Promise<void> {
  await saveSender(db, admin, {
    code: 'JAN',
    ...senderForm.parse({ choice: 'smtp', server: 'smtp.jan.test:587', username: 'jan@acme.test', password: 'secret' }),
  })
  await saveSendingPolicy(db, admin, sendingPolicyForm.parse({ baseCode: 'JAN', usersMaySet: 'everything' }))
}

test('after another base user is chosen, one press sends the waiting mail of everybody by the new route', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  for (const actor of [acme.user, acme.user, acme.second, globex.user]) await queue(db, actor)
  expect(await countAllReroutable(db, acme.admin), 'nothing has changed').toBe(0)
  await makeJanBase(db, acme)
  await makeJanBase(db, globex)
  expect(await countAllReroutable(db, acme.admin)).toBe(3)

  expect(await sendAllWaitingByNewRoute(db, acme.admin)).toBe(3)

  expect(await countAllReroutable(db, acme.admin)).toBe(0)
  expect(await countAllReroutable(db, globex.admin), 'another company decides itself').toBe(1)
  const byServer = await db
    .select({ tenantId: messages.tenantId, host: accounts.host, from: messages.fromAddress })
    .from(messages)
    .innerJoin(accounts, eq(accounts.id, messages.accountId))
  const through = (tenantId: string) => byServer.filter(row => row.tenantId === tenantId).map(({ host, from }) => `${from} ${host}`)
  expect(through(acme.tenantId).sort()).toEqual(['anna@acme.test smtp.jan.test', 'anna@acme.test smtp.jan.test', 'piotr@acme.test smtp.jan.test'])
  expect(through(globex.tenantId)).toEqual(['anna@globex.test null'])
})

test('so many cards have mail waiting that they are counted in portions', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { id } = await queue(db, acme.user)
  const [card] = await db.select().from(cards).where(eq(cards.id, acme.user.cardId))
  const [login] = await db.select().from(logins).where(eq(logins.id, acme.user.loginId))
  const [message] = await db.select().from(messages).where(eq(messages.id, id))
  if (!card || !login || !message) throw new Error('all are there')
  const ids = Array.from({ length: 1100 }, (_, i) => `${i}`.padStart(26, '0'))
  await atomically(db, tx =>
    ids.flatMap(own => [
      tx.insert(logins).values({ ...login, id: own, email: `${own}@acme.test` }),
      tx.insert(cards).values({ ...card, id: own, loginId: own, code: `U${own}` }),
      tx.insert(messages).values({ ...message, id: own, cardId: own }),
    ]),
  )
  await makeJanBase(db, acme)
  expect(await countAllReroutable(db, acme.admin)).toBe(ids.length + 1)
})

test('where very much waits by an earlier route it is counted so far and no further', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { id } = await queue(db, acme.user)
  const [message] = await db.select().from(messages).where(eq(messages.id, id))
  if (!message) throw new Error('it is there')
  for (let from = 0; from < mostCounted; from += 1000) {
    await db.insert(messages).values(Array.from({ length: 1000 }, (_, i) => ({ ...message, id: `${from + i}`.padStart(26, '0') })))
  }
  await makeJanBase(db, acme)
  expect(await countAllReroutable(db, acme.admin)).toBe(mostCounted)
  expect(await countReroutable(db, acme.user, { code: 'ANNA' })).toBe(mostCounted)
})

test('mail of a card that cannot send as it stands is neither offered nor moved', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await queue(db, acme.user)
  await queue(db, acme.second)
  await makeJanBase(db, acme)
  await db.update(cards).set({ email: null }).where(eq(cards.id, acme.second.cardId))
  expect(await countAllReroutable(db, acme.admin)).toBe(1)
  expect(await sendAllWaitingByNewRoute(db, acme.admin)).toBe(1)
})

test('only an admin sends the mail of all', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  await queue(db, acme.user)
  await makeJanBase(db, acme)
  await expect(countAllReroutable(db, acme.user)).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(sendAllWaitingByNewRoute(db, acme.user)).rejects.toMatchObject({ code: 'notAdmin' })
  expect(await countAllReroutable(db, acme.admin)).toBe(1)
})

test('a message that was accepted just before it is given another route is not queued again', async () => {
  await using db = await testDb()
  const acme = await makeCompany(db)
  const { id } = await queue(db, acme.user)
  await makeJanBase(db, acme)
  const ends = `update message set state = 'accepted', due_at = null, ended_at = queued_at`
  if (isPostgres) {
    await poolOf(db).query(`create function ends() returns trigger language plpgsql as $$ begin ${ends}; return new; end $$`)
    await poolOf(db).query('create trigger t before update on account for each row execute function ends()')
  } else db.$client.exec(`create trigger t before update on account begin ${ends}; end`)
  const [before] = await db.select().from(messages).where(eq(messages.id, id))
  expect(await sendAllWaitingByNewRoute(db, acme.admin)).toBe(0)
  const [after] = await db.select().from(messages).where(eq(messages.id, id))
  expect(after).toMatchObject({ accountId: before?.accountId, dueAt: before?.dueAt })
})
