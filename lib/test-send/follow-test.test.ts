import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { testSteps } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { newId } from '@/lib/id'
import { setPassword } from '@/lib/login/login'
import { createSession, revokeSession } from '@/lib/login/sign-in'
import { changeCard } from '@/lib/testing/change-card'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { followTest } from './follow-test'
import { startTestSend } from './test-send'

async function follow(db: Db, actor: Actor, id: string) {
  const sessionId = await createSession(db, actor.loginId, actor.tenantId)
  return { sessionId, events: followTest(db, actor, { id, sessionId, signal: new AbortController().signal }) }
}

/** What is still told, until the end. */
async function rest(events: ReturnType<typeof followTest>): Promise<string[]> {
  const names = []
  for await (const { name } of events) names.push(name)
  return names
}

/** A test that no engine takes up, with one step that every follower is told at once. */
async function waitingTest(db: Db, actor: Actor, slug = 'acme'): Promise<string> {
  const { id } = await startTestSend(db, actor, { code: actor.code, to: `${actor.code.toLowerCase()}@${slug}.test` })
  await db.insert(testSteps).values({ id: newId(), testSendId: id, tenantId: actor.tenantId, position: 0, step: { phase: 'dns', state: 'running' } })
  return id
}

test('whoever follows a test is told its steps and its end', async () => {
  await using db = await testDb()
  await using relay = await startSmarthost()
  const { user } = await makeCompany(db)
  const { id } = await startTestSend(db, user, { code: 'ANNA', to: 'anna@acme.test' })
  const { events } = await follow(db, user, id)
  const told = rest(events)
  await turn(db, relay)
  expect((await told).at(-1)).toBe('end')
  expect((await told).filter(name => name === 'step').length).toBeGreaterThanOrEqual(6)
})

test('ten tests are followed at a time: the newest takes the place of the oldest, which is told so, and of nobody else', async () => {
  await using db = await testDb()
  const [acme, beta] = [await makeCompany(db), await makeCompany(db, 'beta')]
  const [id, other] = [await waitingTest(db, acme.user), await waitingTest(db, beta.user, 'beta')]
  const bystander = await follow(db, beta.user, other)
  expect((await bystander.events.next()).value).toMatchObject({ name: 'step' })
  const followers = []
  for (let count = 0; count < 12; count++) {
    const { events } = await follow(db, acme.user, id)
    expect((await events.next()).value, 'the newest is served').toMatchObject({ name: 'step' })
    followers.push(events)
  }
  const [first, second, ...others] = followers
  expect([await first?.next(), await second?.next()]).toMatchObject([{ value: { name: 'replaced' } }, { value: { name: 'replaced' } }])
  expect([await first?.next(), await second?.next()]).toMatchObject([{ done: true }, { done: true }])
  const stillThere = [bystander.events, ...others].map(events => events.next())
  await db.update(testSteps).set({ step: { phase: 'dns', state: 'done' } })
  expect((await Promise.all(stillThere)).map(({ value }) => value?.name)).toEqual(Array(11).fill('step'))
  await Promise.all([bystander.events, ...others].map(events => events.return(undefined)))
  const { events } = await follow(db, acme.user, id)
  expect((await events.next()).value, 'who leaves gives the place back').toMatchObject({ name: 'step' })
  await events.return(undefined)
})

test.each([
  ['is signed out', (db: Db, sessionId: string) => revokeSession(db, sessionId)],
  ['gets another password', (db: Db, _: string, { user }: { user: Actor }) => setPassword(db, user.loginId, 'another password')],
  ['has no card any more', (db: Db, _: string, { admin }: { admin: Actor }) => changeCard(db, admin, { code: 'ANNA', isActive: false })],
] as const)('whoever %s is told nothing more of a test that runs', async (_, end) => {
  await using db = await testDb()
  const { user, admin } = await makeCompany(db)
  const { sessionId, events } = await follow(db, user, await waitingTest(db, user))
  expect((await events.next()).value).toMatchObject({ name: 'step' })
  await end(db, sessionId, { user, admin })
  expect(await rest(events)).toEqual([])
})
