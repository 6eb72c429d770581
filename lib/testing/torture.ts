import { setTimeout as wait } from 'node:timers/promises'
import { and, eq, isNotNull, sql } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { accounts, attempts, messages, recipients } from '@/db/schema'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { cancelMessages, retryMessages } from '@/lib/message/message'
import { makeCompany } from './company'
import type { KillableEngine, KillableEngines } from './killable-engine'
import { type Act, type Point, startStepServer } from './step-server'

type Torture = {
  kills: number
  engines: number
  messagesEach: number
  seed: number
  secondsMost?: number
  killable: KillableEngines
  onKill?: (kills: number) => void
}

/** What must hold whatever was killed when; empty: it held. */
type TortureReport = { messages: number; recipients: number; handedOver: number; secondCopies: number; states: Record<string, number>; broken: string[] }

/**
 * Engines that are killed at random moments while mail is queued, cancelled and tried again, and a server refuses, puts off and
 * hangs up; then one that may finish. Checks that every recipient came to an end, that the server had what is called accepted, and that a second copy
 * has an attempt before it whose answer was lost.
 */
export async function torture(db: Db, { kills, engines: count, messagesEach, seed, secondsMost, killable, onKill }: Torture): Promise<TortureReport> {
  const random = randomOf(seed)
  let isCalm = false
  await using server = await startStepServer(point => (isCalm ? 'go' : moody(point, random())))
  const people = [await makeCompany(db, 'acme'), await makeCompany(db, 'beta')].flatMap(({ admin, user, second }) => [admin, user, second])
  const queued: string[] = []
  const engines: KillableEngine[] = Array.from({ length: count }, () => killable.start(server.port))
  const endsAt = Date.now() + (secondsMost ?? Number.POSITIVE_INFINITY) * 1000
  for (let killed = 0; killed < kills && Date.now() < endsAt; killed++) {
    queued.push(...(await queueSome(db, people, messagesEach, random)))
    await meddle(db, people.filter(isAdmin), queued, random)
    const place = Math.floor(random() * count)
    const victim = engines[place] as KillableEngine
    await victim.ready
    await wait(random() * 500)
    await victim.kill()
    await passTime(db, victim.id)
    engines[place] = killable.start(server.port)
    onKill?.(killed + 1)
  }
  isCalm = true
  while (await isPending(db)) {
    await passTime(db)
    await wait(100)
  }
  await Promise.all(engines.map(engine => engine.kill()))
  return report(db, queued, server.taken)
}

/** The same again for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function moody(point: Point, chance: number): Act {
  const moods: Record<Point, [number, Act][]> = {
    connect: [[0.02, 'drop']],
    mail: [[0.01, '421 4.3.2 closing']],
    rcpt: [
      [0.04, '550 5.1.1 no such user'],
      [0.08, '451 4.7.1 greylisted'],
    ],
    data: [[0.01, 'drop']],
    body: [[0.01, 'drop']],
    dot: [
      [0.02, 'drop'],
      [0.04, '451 4.3.0 try later'],
    ],
  }
  return moods[point].find(([below]) => chance < below)?.[1] ?? 'go'
}

async function queueSome(db: Db, people: Actor[], count: number, random: () => number): Promise<string[]> {
  const made = Array.from({ length: count }, async () => {
    const actor = people[Math.floor(random() * people.length)] as Actor
    const to = Array.from({ length: 1 + Math.floor(random() * 3) }, () => `k${Math.floor(random() * 1e9)}@example.test`)
    const kind = random() < 0.7 ? 'document' : 'letter'
    return (await enqueueMessage(db, actor, { to, subject: 'Faktura', text: 'W załączeniu.', kind })).id
  })
  return Promise.all(made)
}

/** What people do meanwhile, to whatever state a message happens to be in: cancel, try again; and one is no longer wanted. */
async function meddle(db: Db, admins: Actor[], queued: string[], random: () => number): Promise<void> {
  const pick = () => queued[Math.floor(random() ** 0.1 * queued.length)] as string // rather one of late
  for (const admin of admins) {
    await cancelMessages(db, admin, { ids: [pick(), pick()] })
    await retryMessages(db, admin, { ids: [pick(), pick()] })
  }
  await db
    .update(messages)
    .set({ expiresAt: new Date() })
    .where(and(eq(messages.id, pick()), isNotNull(messages.dueAt)))
}

/** Leases of the dead run out, and what waits becomes due. */
async function passTime(db: Db, deadEngine?: string): Promise<void> {
  if (deadEngine)
    await db
      .update(accounts)
      .set({ leaseUntil: new Date(0) })
      .where(eq(accounts.leaseOwner, deadEngine))
  await db.update(messages).set({ dueAt: new Date() }).where(isNotNull(messages.dueAt))
  await db
    .update(accounts)
    .set({ dueAt: new Date() })
    .where(sql`${accounts.leaseUntil} is null or ${isNotNull(accounts.dueAt)}`)
}

async function isPending(db: Db): Promise<boolean> {
  const [found] = await db.select({ id: messages.id }).from(messages).where(isNotNull(messages.dueAt)).limit(1)
  return found !== undefined
}

type Taken = { recipients: string[]; messageId: string }

async function report(db: Db, queued: string[], taken: Taken[]): Promise<TortureReport> {
  const [rows, addressed, tried] = [await db.select().from(messages), await db.select().from(recipients), await db.select().from(attempts)]
  const broken: string[] = []
  const known = new Set(rows.map(({ id }) => id))
  broken.push(...queued.filter(id => !known.has(id)).map(id => `message ${id} vanished`))
  const copies = new Map<string, number>() // of one message to one recipient
  for (const { messageId, recipients: to } of taken)
    for (const address of to) copies.set(`${messageId} ${address}`, (copies.get(`${messageId} ${address}`) ?? 0) + 1)
  const lostAnswers = new Set(tried.filter(({ outcome, dataEndingAt }) => outcome === 'unknown' && dataEndingAt).map(({ messageId }) => messageId))
  const states: Record<string, number> = {}
  let secondCopies = 0
  for (const recipient of addressed) {
    const message = rows.find(({ id }) => id === recipient.messageId)
    const had = copies.get(`${message?.rfcMessageId} ${recipient.address}`) ?? 0
    states[recipient.state] = (states[recipient.state] ?? 0) + 1
    secondCopies += Math.max(0, had - 1)
    const say = (what: string) => broken.push(`recipient ${recipient.address} of ${recipient.messageId}: ${what} (${recipient.state}, ${had} copies)`)
    if (!['accepted', 'refused', 'expired', 'cancelled', 'unknown'].includes(recipient.state)) say('came to no end')
    if (recipient.state === 'accepted' && had === 0) say('the server never had it')
    if (had > 0 && !['accepted', 'unknown'].includes(recipient.state) && !lostAnswers.has(recipient.messageId)) say('the server has it')
    if (had > 1 && !lostAnswers.has(recipient.messageId)) say('twice, and no answer was lost')
  }
  const handedOver = [...copies.values()].reduce((sum, one) => sum + one, 0)
  const total = Object.values(states).reduce((sum, one) => sum + one, 0)
  if (total !== addressed.length) broken.push(`${addressed.length} recipients, ${total} states`)
  return { messages: rows.length, recipients: addressed.length, handedOver, secondCopies, states, broken }
}
