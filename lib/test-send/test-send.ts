import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { testSends } from '@/db/schema'
import { findAccount } from '@/lib/account/find-account'
import type { Actor } from '@/lib/actor/actor'
import { requireCard } from '@/lib/card/require-card'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import type { Language } from '@/lib/language'
import { accountOf } from '@/lib/message/prepare-message'
import { parseAddress } from '@/lib/sender/address'
import { getRoute, previewRoute } from '@/lib/sender/resolve-route'
import type { Route, RouteProblem } from '@/lib/sender/route'
import type { SenderInput } from '@/lib/sender/sender.form'
import { parseSenderInput } from '@/lib/sender/sender-draft'
import { stripAppPasswordBlanks } from '@/lib/sender/server-field'
import { holdCompany, limits, minutesUntilFree } from './limits'
import { findOwnAddress } from './own-address'
import { prepareTest } from './prepare-test'

export { readTestSend, testSendAsText } from './read-test-send'

/**
 * `values`: what is on screen and not saved; without them the card is tested as saved. `language`: the tester's, for what the message says.
 * `movesOffPassword`: values of ours, with which an admin may also test another's card.
 */
type TestSendInput = { code: string; to: string; values?: SenderInput; language?: Language; movesOffPassword?: boolean }

/**
 * Starts a test by the code that delivers all mail. Changes no configuration; an unsaved password is kept sealed until
 * the test has ended, for five minutes at most, and stored ones go only to the server they were typed for.
 * @throws Refusal `testsPerHour`, `testsPerCompany`, `refusedLoginsPerHour`, `recipientNotAllowed`, `testOwnOnly`, and whatever the route lacks
 */
export async function startTestSend(
  db: Db,
  actor: Actor,
  { code, to, values, language = 'en', movesOffPassword = false }: TestSendInput,
): Promise<{ id: string }> {
  if (values && code !== actor.code && !movesOffPassword) throw new Refusal('testOwnOnly')
  const route = values ? await previewRoute(db, actor, { code, ...values }) : await getRoute(db, actor, { code })
  assertSendable(route)
  const recipient = parseRecipient(to)
  await assertRecipientAllowed(db, actor, route, recipient)

  const password = values ? await typedPassword(db, actor, route, values) : null
  const { row, message } = await prepareTest(db, actor, { route, to: recipient, language, password, movesOffPassword })
  const kept = limits(row)
  try {
    await atomically(db, tx => [
      holdCompany(tx, actor.tenantId),
      tx.insert(testSends).values(row),
      ...kept.map(limit => must(limit.statement(tx))),
      ...message.statements(tx),
    ])
  } catch (error) {
    const exceeded = error instanceof NothingMatched ? kept[error.position - 2] : undefined
    if (!exceeded) throw error
    throw new Refusal(exceeded.code, undefined, { most: exceeded.most, minutes: await minutesUntilFree(db, exceeded) })
  }
  return { id: row.id }
}

const problemCodes: Record<RouteProblem['reason'], { code: string; field?: string }> = {
  noEmail: { code: 'noEmail' },
  inactive: { code: 'cardInactive' },
  emailNotConfirmed: { code: 'emailNotConfirmed' },
  incomplete: { code: 'routeIncomplete', field: 'server' },
  passwordNeeded: { code: 'passwordNeeded', field: 'password' },
  notConnected: { code: 'notConnected' },
  reconnectNeeded: { code: 'reconnectNeeded' },
  baseUnusable: { code: 'baseUnusable' },
}

function assertSendable({ problem }: Route): void {
  if (!problem) return
  const { code, field } = problemCodes[problem.reason]
  throw new Refusal(code, field, { code: problem.code })
}

function parseRecipient(text: string): string {
  try {
    return parseAddress(text.trim())
  } catch (error) {
    throw error instanceof Refusal ? error.at('to') : error
  }
}

/** Oneself at a confirmed address; anybody only through an account that has sent mail before. */
async function assertRecipientAllowed(db: Db, actor: Actor, route: Route, recipient: string): Promise<void> {
  const own = await findOwnAddress(db, actor)
  if (own?.toLowerCase() === recipient.toLowerCase()) return
  const account = await findAccount(db, actor.tenantId, accountOf(route).identity)
  if (!account?.lastAcceptedAt) throw new Refusal('recipientNotAllowed', 'to')
}

/** The password on screen, where the route of the values on screen signs in with it. */
async function typedPassword(db: Db, actor: Actor, route: Route, values: SenderInput): Promise<string | null> {
  const card = await requireCard(db, actor, route.code)
  const { password } = await parseSenderInput(db, card, values)
  if (password === null || route.login?.value.credentialCardId !== card.id || !route.server) return null
  return withoutBlanks(route.server.value.host, password)
}

/** A typed password as saving would keep it. */
export const withoutBlanks = (host: string | null, password: string): string => stripAppPasswordBlanks(host ?? '', password, env.platform.gmail.host).password
