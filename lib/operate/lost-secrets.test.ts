import { eq } from 'drizzle-orm'
import { afterEach, expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { credentials, microsoft365Connections, webhooks } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { minutes, now } from '@/lib/clock'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { getMessage } from '@/lib/message/message'
import { getConnection } from '@/lib/microsoft365/connection'
import { sealCache } from '@/lib/microsoft365/token-cache'
import { open } from '@/lib/secret/seal'
import { openPassword } from '@/lib/sender/open-credential'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { password, sendThrough, turn } from '@/lib/testing/outbox'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { deliver, forgetWebhooks, listen, pass } from '@/lib/testing/webhooks'
import { sendTestEvent } from '@/lib/webhook/delivery'
import { sealSecret, secretPlace } from '@/lib/webhook/secret'
import { createWebhook, rotateSecret } from '@/lib/webhook/webhook'
import { forgetLostSecrets, listLostSecrets } from './lost-secrets'
import { hasWrongKeys } from './missing-keys'
import { listKeysInUse } from './rotate-keys'

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const configured = env.sealingKeys
afterEach(() => {
  env.sealingKeys = configured
  forgetWebhooks()
})

async function connect(db: Db, { tenantId, cardId }: Actor, address: string): Promise<void> {
  const connection = { tenantId, cardId, homeAccountId: `${address} at home` }
  const as = { microsoftTenantId: 'contoso', objectId: address, address, scopes: 'SMTP.Send', connectedAt: now(), refreshedAt: now() }
  await db.insert(microsoft365Connections).values({ ...connection, ...as, tokenCacheSealed: sealCache('{"RefreshToken":{}}', connection) })
}

/** Anna, Jan and a webhook of acme under a key that is lost, somebody of globex under another lost one, and Piotr under one that is here. */
async function twoCompanies(db: Db, port: number) {
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  env.sealingKeys = `lost:${key(1)}`
  await sendThrough(db, acme.user, { port }, 'anna@acme.test')
  await connect(db, acme.admin, 'jan@acme.test')
  const { id: webhookId } = await createWebhook(db, acme.admin, { url: 'http://localhost:1024/hook/its-own-secret', events: ['message.refused'] })
  env.sealingKeys = `lost-too:${key(2)}`
  await sendThrough(db, globex.user, { port }, 'anna@globex.test')
  env.sealingKeys = `here:${key(3)}`
  await sendThrough(db, acme.second, { port }, 'piotr@acme.test')
  return { acme, globex, webhookId }
}

const server = (port: number) => ({ host: 'localhost', port, tls: 'starttls' as const })

test('the operator learns whose secrets no key opens, and nothing of the secrets', async () => {
  await using db = await testDb()
  await twoCompanies(db, 2525)
  const lost = await listLostSecrets(db)
  expect(lost).toEqual([
    { company: 'acme', user: null, what: 'secret of the webhook at localhost:1024', keyId: 'lost' },
    { company: 'acme', user: 'ANNA', what: 'password of anna@acme.test at localhost:2525', keyId: 'lost' },
    { company: 'acme', user: 'JAN', what: 'Microsoft 365 connection of jan@acme.test', keyId: 'lost' },
    { company: 'globex', user: 'ANNA', what: 'password of anna@globex.test at localhost:2525', keyId: 'lost-too' },
  ])
})

test('what was sealed with a lost key is forgotten when the operator names it: its owners are told, and nobody else', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ users: { 'piotr@acme.test': password } })
  await using relay = await startSmarthost()
  const { acme, globex, webhookId } = await twoCompanies(db, smarthost.port)
  const document = { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' as const }
  const [waits, leaves] = [await enqueueMessage(db, acme.user, document), await enqueueMessage(db, acme.second, document)]
  expect(await hasWrongKeys(db)).toBe(true)
  expect(await forgetLostSecrets(db, { keyId: 'lost' })).toEqual({ passwords: 1, connections: 1 })
  expect(await hasWrongKeys(db)).toBe(false)
  expect((await listLostSecrets(db)).map(({ what }) => what)).toEqual([
    'secret of the webhook at localhost:1024',
    `password of anna@globex.test at localhost:${smarthost.port}`,
  ])
  await turn(db, relay)
  await turn(db, relay)
  expect(await getMessage(db, acme.user, { id: waits.id })).toMatchObject({
    message: { state: 'waiting', waitingFor: 'accountPaused' },
    account: { state: 'paused', pauseReason: 'passwordNeeded' },
  })
  expect((await getMessage(db, acme.second, { id: leaves.id })).message).toMatchObject({ state: 'accepted' })
  expect(relay.received.map(({ envelopeRecipients }) => envelopeRecipients[0]).sort()).toEqual(['anna@acme.test', 'jan@acme.test'])
  expect(await getConnection(db, acme.admin, { code: 'JAN' })).toMatchObject({ address: 'jan@acme.test', state: 'reconnectNeeded', causeText: null })
  expect(await openPassword(db, { ...acme.second, ...server(smarthost.port), username: 'piotr@acme.test' })).toBe(password)
  expect(await db.$count(credentials, eq(credentials.tenantId, globex.tenantId)), 'its key may still be found').toBe(1)
  await rotateSecret(db, acme.admin, { id: webhookId })
  expect((await listKeysInUse(db)).find(({ keyId }) => keyId === 'lost')).toBeUndefined()
})

test('what a key that is here seals is not forgotten, nor what was saved anew', async () => {
  await using db = await testDb()
  const { acme } = await twoCompanies(db, 2525)
  await expect(forgetLostSecrets(db, { keyId: 'here' })).rejects.toThrow('is in POSTHORN_KEYS')
  await sendThrough(db, acme.user, { port: 2525 }, 'anna@acme.test')
  expect(await forgetLostSecrets(db, { keyId: 'lost' })).toEqual({ passwords: 0, connections: 1 })
  expect(await openPassword(db, { ...acme.user, ...server(2525), username: 'anna@acme.test' })).toBe(password)
})

test('a webhook is told again, signed with its secret, once one before it whose key is lost is forgotten', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin } = await makeCompany(db)
  env.sealingKeys = `lost:${key(1)}`
  const { id: webhookId } = await listen(db, admin, receiver.url)
  await rotateSecret(db, admin, { id: webhookId })
  env.sealingKeys = `here:${key(3)},lost:${key(1)}`
  const [webhook] = await db.select().from(webhooks)
  if (!webhook) throw new Error('there is none')
  await db.update(webhooks).set({ secretSealed: sealSecret(webhook, open(webhook.secretSealed, secretPlace(webhook))) })
  env.sealingKeys = `here:${key(3)}` // before the other column was sealed anew, too
  await sendTestEvent(db, admin, { webhookId })
  await deliver(db)
  expect(receiver.received).toEqual([])
  await forgetLostSecrets(db, { keyId: 'lost' })
  pass(minutes(1))
  await deliver(db)
  expect(receiver.received).toHaveLength(1)
  expect((await listKeysInUse(db)).map(({ keyId }) => keyId)).toEqual(['here'])
})
