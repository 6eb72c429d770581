import { and, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { accounts, cards, messages, type WebhookDelivery } from '@/db/schema'
import type { AccountFacts, MessageFacts } from './payload-schema'
import type { Facts } from './webhook-statements'

/**
 * The body of a delivery, the same at every try: what the event was, in the shape `{type, timestamp, data}` of Standard
 * Webhooks, as payload-schema.ts describes it. Ids, the state, the reply; never a text or a secret. What is looked up here does not
 * change after the event.
 */
export async function composePayload(db: Db, { event, tenantId, subjectId, facts, occurredAt }: WebhookDelivery): Promise<string> {
  const type = event
  const timestamp = occurredAt.toISOString()
  const happened = JSON.parse(facts) as Facts
  if (event.startsWith('message.')) return JSON.stringify({ type, timestamp, data: await messageFacts(db, { tenantId, subjectId, event }, happened) })
  if (event.startsWith('account.')) return JSON.stringify({ type, timestamp, data: await accountFacts(db, { tenantId, subjectId }, happened) })
  return JSON.stringify({ type, timestamp, data: { webhook_id: subjectId } })
}

type Subject = Pick<WebhookDelivery, 'tenantId' | 'subjectId'>

async function messageFacts(db: Db, { tenantId, subjectId, event }: Subject & { event: string }, facts: Facts): Promise<MessageFacts> {
  const [found] = await db
    .select({ kind: messages.kind, rfcMessageId: messages.rfcMessageId, queuedAt: messages.queuedAt, redirectedTo: messages.redirectedTo, code: cards.code })
    .from(messages)
    .innerJoin(cards, eq(cards.id, messages.cardId))
    .where(and(eq(messages.tenantId, tenantId), eq(messages.id, subjectId)))
  return {
    message_id: subjectId,
    state: event.slice('message.'.length) as MessageFacts['state'],
    kind: found?.kind ?? null,
    user: found?.code ?? null,
    rfc_message_id: found?.rfcMessageId ?? null,
    queued_at: found?.queuedAt.toISOString() ?? null,
    reply: replyOf(facts),
    recipients: facts.recipients?.map(({ address, state, reply }) => ({ address, state, reply: reply && replyOf(reply) })) ?? null,
    redirected_to: found?.redirectedTo ?? null,
    error: facts.error ?? null,
    reason: facts.reason ?? null,
    next_attempt_at: facts.nextAttemptAt ?? null,
  }
}

async function accountFacts(db: Db, { tenantId, subjectId }: Subject, facts: Facts): Promise<AccountFacts> {
  const [found] = await db
    .select({ kind: accounts.kind, host: accounts.host, username: accounts.username, code: cards.code })
    .from(accounts)
    .leftJoin(cards, eq(cards.id, accounts.credentialCardId))
    .where(and(eq(accounts.tenantId, tenantId), eq(accounts.id, subjectId)))
  return {
    account_id: subjectId,
    kind: found?.kind ?? null,
    server: found?.host ?? null,
    username: found?.username ?? null,
    user: found?.code ?? null,
    reason: facts.reason ?? null,
    text: facts.text ?? null,
    expires_at: facts.expiresAt ?? null,
  }
}

const replyOf = ({ code, enhancedStatus, text }: Pick<Facts, 'code' | 'enhancedStatus' | 'text'>) =>
  code ? { code, enhanced_status: enhancedStatus ?? null, text: text ?? '' } : null
