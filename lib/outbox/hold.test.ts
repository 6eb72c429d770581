import { eq } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { accounts, attempts, inHand, messages } from '@/db/schema'
import { now, seconds } from '@/lib/clock'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { holdMail, releaseMail } from '@/lib/tenant/mail-switch'
import { changed } from '@/lib/testing/changed'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { seenStates } from '@/lib/testing/in-hand'
import { sendThrough, turn } from '@/lib/testing/outbox'
import { startHoldingServer } from '@/lib/testing/step-server'

const document = { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' as const }

test.each([1, 3])(
  'of a batch that is taken up on %i connections, what has not begun stays when its mail is held, and leaves when let go',
  async connections => {
    await using db = await testDb()
    await using server = await startHoldingServer()
    using _limits = changed(env.platform, { limits: [{ name: 'generic', connections }] })
    const { admin, user } = await makeCompany(db)
    await sendThrough(db, user, { port: server.port, tls: 'none' })
    const all = 3 * connections
    for (let i = 0; i < all; i++) await enqueueMessage(db, user, document)
    await db.update(accounts).set({ lastAcceptedAt: now() }) // a server that took mail so lately is given batches at once
    server.hold()
    const draining = turn(db)
    const areTaken = async () => [server.unanswered(), (await seenStates(db)).filter(state => state === 'sending').length]
    await vi.waitFor(async () => expect(await areTaken()).toEqual([connections, all]), { timeout: 10_000 })
    await holdMail(db, admin)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds(1) }) // a hold is looked for a few times a second
    server.answer() // on all connections at once
    await draining
    vi.useRealTimers()
    expect((await seenStates(db)).sort()).toEqual(Array.from({ length: all }, (_, i) => (i < connections ? 'accepted' : 'queued')))
    expect(await db.select().from(inHand), 'nothing is left for another engine to recover').toEqual([])
    await releaseMail(db, admin)
    await turn(db)
    expect(await db.$count(messages, eq(messages.state, 'accepted'))).toBe(all)
    expect(new Set(server.taken.map(({ messageId }) => messageId)).size).toBe(all)
    expect([server.taken.length, await db.$count(attempts)], 'each once').toEqual([all, all])
  },
)
