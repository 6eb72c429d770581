import { createHmac } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { Db } from '@/db/client'
import { accounts, microsoft365Connections } from '@/db/schema'
import { resumeAccountsOf } from '@/lib/account/account'
import type { Actor } from '@/lib/actor/actor'
import { openApi } from '@/lib/api/open-api'
import { days, now } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { cancelMessage } from '@/lib/message/message'
import { keepHouse } from '@/lib/outbox/housekeeping'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { password, sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { startStepServer } from '@/lib/testing/step-server'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { deliver, document, forgetWebhooks, listen, pass } from '@/lib/testing/webhooks'
import { sendTestEvent } from './delivery'
import { testEvent, webhookEvents } from './event'
import { tellOfExpiring } from './tell-expiring'

afterEach(forgetWebhooks)

type Schema = { properties: Record<string, Schema>; anyOf?: Schema[]; items: Schema; pattern?: string }
type Operation = {
  security: unknown[]
  parameters: { name: string; in: string; required: boolean; schema: { pattern: string } }[]
  requestBody: { content: Record<string, { schema: Schema; example: unknown }> }
}
const { webhooks } = openApi() as { webhooks: Record<string, { post: Operation }> }

/** What the published description, and nothing else, says against this body. */
function objections(type: string, body: unknown): unknown {
  const described = webhooks[type]?.post.requestBody.content['application/json']?.schema
  if (!described) return `${type} is not described`
  return z.fromJSONSchema(described as never).safeParse(body).error?.issues ?? null
}

/** Everything that can become of mail and of an account, by real servers. */
async function makeEverythingHappen(db: Db, { user, admin }: { user: Actor; admin: Actor }): Promise<void> {
  await using smarthost = await startSmarthost({ users: { anna: password } })
  await using losing = await startStepServer(point => (point === 'dot' ? 'drop' : 'go'))
  smarthost.behave({ rcptReply: address => replies[address] ?? null })
  await enqueueMessage(db, admin, document)
  await turn(db, { port: losing.port, tls: 'none' }) // unknown
  await sendThrough(db, user, smarthost, 'anna')
  for (const to of [['klient@example.test'], Object.keys(replies), ['nikt@example.test', 'klient@example.test']]) {
    await enqueueMessage(db, user, { ...document, to })
    await turn(db)
  }
  await cancelMessage(db, user, await enqueueMessage(db, user, document))
  await sendThrough(db, user, { port: 1 }, 'anna')
  await enqueueMessage(db, user, document)
  await turn(db) // no connection: it waits without a reply
  await using changed = await startSmarthost({ users: { anna: 'changed' } })
  await sendThrough(db, user, changed, 'anna')
  await enqueueMessage(db, user, document)
  await turn(db) // the login is refused: the account is paused
  await resumeAccountsOf(db, user)
  await connectMicrosoft(db, user)
  pass(days(80))
  await tellOfExpiring(db)
  await keepHouse(db) // what waited has expired
}

const replies: Record<string, { code: number; text: string }> = {
  'nikt@example.test': { code: 550, text: '5.1.1 no such user' },
  'pelna@example.test': { code: 452, text: '4.2.2 mailbox full' },
}

async function connectMicrosoft(db: Db, { tenantId, cardId }: Actor): Promise<void> {
  await db.insert(accounts).values({ id: 'a-mailbox', tenantId, kind: 'microsoft365', identity: 'x', credentialCardId: cardId, createdAt: now() })
  await db.insert(microsoft365Connections).values({
    ...{ cardId, tenantId, microsoftTenantId: 't', objectId: 'o', homeAccountId: 'o.t', address: 'anna@acme.test', scopes: '' },
    ...{ tokenCacheSealed: 'v1.test', connectedAt: now(), refreshedAt: now() },
  })
}

test('whatever a program is told is as the published description says, each event', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const company = await makeCompany(db)
  const { id: webhookId } = await listen(db, company.admin, receiver.url, [...webhookEvents])
  await makeEverythingHappen(db, company)
  await sendTestEvent(db, company.admin, { webhookId })
  pass(days(1))
  while (await deliver(db));
  const told = receiver.received.map(({ body }) => JSON.parse(body) as { type: string })
  expect([...new Set(told.map(({ type }) => type))].sort()).toEqual([...webhookEvents, testEvent].sort())
  for (const body of told) expect(objections(body.type, body), JSON.stringify(body)).toBeNull()
})

test('the description of an event notices what it does not know, and what is missing', () => {
  const [accepted, queued] = [exampleOf('message.accepted'), exampleOf('message.queued')]
  expect(objections('message.accepted', { ...accepted, more: 1 })).not.toBeNull()
  expect(objections('message.accepted', { ...accepted, data: { ...accepted.data, subject: 'x' } })).not.toBeNull()
  expect(objections('message.accepted', { ...accepted, data: { message_id: 'x' } })).not.toBeNull()
  expect(objections('message.accepted', queued), 'another event').not.toBeNull()
})

const exampleOf = (type: string) => webhooks[type]?.post.requestBody.content['application/json']?.example as { data: object }

test.each([...webhookEvents, testEvent])('%s is described, with an example that is as its description says', type => {
  expect(objections(type, exampleOf(type))).toBeNull()
  expect(exampleOf(type)).toMatchObject({ type })
  expect(webhooks[type]?.post.security, 'no API key comes with it').toEqual([])
})

test('the three headers of a real delivery are described, and are verified as the description says', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin, user } = await makeCompany(db)
  const { secret } = await listen(db, admin, receiver.url)
  await enqueueMessage(db, user, document)
  await deliver(db)
  const [{ headers, body } = { headers: {} as Record<string, string>, body: '' }] = receiver.received
  for (const { name, schema, ...parameter } of webhooks['message.queued']?.post.parameters ?? []) {
    expect(parameter, name).toMatchObject({ in: 'header', required: true })
    expect(headers[name], name).toMatch(new RegExp(schema.pattern, 'u'))
  }
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signed = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')
  expect(String(headers['webhook-signature']).split(' ')).toContain(`v1,${signed}`)
  expect(webhooks['message.queued']?.post.parameters.map(({ name }) => name)).toEqual(['webhook-id', 'webhook-timestamp', 'webhook-signature'])
})
