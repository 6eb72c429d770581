import type { Db } from '@/db/client'
import type { testSends } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { after, minutes, now } from '@/lib/clock'
import { newId } from '@/lib/id'
import type { Language } from '@/lib/language'
import { accountOf, type PreparedMessage, prepareMessage } from '@/lib/message/prepare-message'
import { seal } from '@/lib/secret/seal'
import { type Route, shownServer } from '@/lib/sender/route'
import { valuesPlace } from './sealed-values'
import { testQueueOf } from './test-queue'
import { testText } from './test-text'

const wipedAfterMs = minutes(5)

/** `password`: typed for just this test, for the server and user name of its route; null: the stored one. `dueAt`: not at once. */
type NewTest = {
  route: Route
  to: string
  language: Language
  password: string | null
  dueAt?: Date
  runId?: string
  movesOffPassword?: boolean
}
type PreparedTest = { row: typeof testSends.$inferInsert; message: PreparedMessage }

/** A test and its message as they are to be written together. */
export async function prepareTest(
  db: Db,
  actor: Actor,
  { route, to, language, password, dueAt = now(), runId, movesOffPassword }: NewTest,
): Promise<PreparedTest> {
  const [id, { tenantId, loginId }] = [newId(), actor]
  const account = accountOf(route)
  const text = testText(language, { code: route.code, server: shownServer(route)?.value.host ?? '', at: now() })
  const message = await prepareMessage(db, route, { to: [to], ...text, kind: 'test' }, testQueueOf(route, account))
  const isRelay = account.kind === 'relay'
  const row = {
    id,
    tenantId,
    loginId,
    cardId: route.cardId,
    messageId: message.id,
    route,
    valuesSealed: password === null ? null : sealValues({ id, tenantId }, route, password),
    host: isRelay ? null : (route.server?.value.host ?? null),
    username: isRelay ? null : (route.login?.value.username ?? null),
    runId,
    movesOffPassword,
    createdAt: now(),
    wipeAt: after(dueAt, wipedAfterMs),
  }
  return { row, message }
}

const sealValues = (test: { id: string; tenantId: string }, { server, login }: Route, password: string): string | null =>
  server && login ? seal(password, valuesPlace(test, { ...server.value, username: login.value.username })) : null
