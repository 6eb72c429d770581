import { Webhook as Verifier } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import { installations, webhookDeliveries, webhooks } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { after, days, hours, minutes, now, seconds, shiftClock } from '@/lib/clock'
import { env } from '@/lib/env'
import { newId } from '@/lib/id'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { startReceiver } from '@/lib/testing/webhook-receiver'
import { deliver, document, forgetWebhooks, listen, pass } from '@/lib/testing/webhooks'
import { claimWebhooks, drainWebhook } from './deliver'
import { listDeliveries, replayDelivery, replayFailed, sendTestEvent } from './delivery'
import { learnInterest } from './interest'
import { sealSecret } from './secret'
import { createWebhook, deleteWebhook, getWebhook, listWebhooks, rotateSecret, saveWebhook, switchWebhook } from './webhook'
import { webhookForm } from './webhook.form'
import { webhookStatements } from './webhook-statements'

afterEach(forgetWebhooks)

const never = new AbortController().signal

test('a queued message is told to the company’s webhook, signed, with ids and no text; to nobody else’s', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  await using other = await startReceiver()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  const { id, secret } = await listen(db, acme.admin, receiver.url)
  await listen(db, globex.admin, other.url)
  await listen(db, acme.admin, other.url, ['message.refused'])
  const message = await enqueueMessage(db, acme.user, document)
  await deliver(db)
  expect(receiver.received).toHaveLength(1)
  expect(other.received, 'neither another company nor who listens to other things').toHaveLength(0)
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
  const told = new Verifier(secret).verify(body, headers as Record<string, string>)
  expect(told).toMatchObject({ type: 'message.queued', data: { message_id: message.id, state: 'queued', user: 'ANNA', kind: 'document', reply: null } })
  expect(body, 'no subject, no text, no address').not.toMatch(/poufna|Treść|klient@/)
  expect(() => new Verifier('whsec_b3RoZXI=').verify(body, headers as Record<string, string>)).toThrow()
  const log = await listDeliveries(db, acme.admin, { webhookId: id })
  expect(log.rows).toMatchObject([{ event: 'message.queued', state: 'delivered', attemptCount: 1, attempts: [{ status: 204, error: null }] }])
})

test('what cannot be delivered is tried again with the same bytes and id, at growing distances', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(503).end('maintenance\u001b[31m') })
  const { admin, user } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await enqueueMessage(db, user, document)
  await deliver(db)
  expect(await deliver(db), 'not before its time').toBe(0)
  const [{ attempts, dueAt } = { attempts: [], dueAt: null }] = (await listDeliveries(db, admin, { webhookId: id })).rows
  expect(attempts).toMatchObject([{ status: 503, text: 'maintenance␛[31m' }])
  expect((dueAt?.getTime() ?? 0) - now().getTime()).toBeGreaterThan(3000)
  receiver.answer(response => void response.writeHead(200).end())
  const back = shiftClock(minutes(1))
  await deliver(db)
  back()
  const [first, second] = receiver.received
  expect([second?.body, second?.headers['webhook-id']]).toEqual([first?.body, first?.headers['webhook-id']])
  expect((await listDeliveries(db, admin, { webhookId: id })).rows).toMatchObject([{ state: 'delivered', attemptCount: 2 }])
  expect((await getWebhook(db, admin, { id })).failingSince).toBeNull()
})

test('a receiver that changes to another protocol has answered, and holds nobody up', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({
    answer: response => void response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  })
  const { admin, user } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await enqueueMessage(db, user, document)
  await deliver(db)
  expect((await listDeliveries(db, admin, { webhookId: id })).rows).toMatchObject([{ state: 'pending', attempts: [{ status: 101 }] }])
})

test.each([
  ['how long', () => '1800'],
  ['until when', () => after(now(), minutes(30)).toUTCString()],
  ['a year', () => String(days(365) / seconds(1))],
])('a receiver that asks for a pause and says %s gets it, an hour at the most', async (_, retryAfter) => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(429, { 'retry-after': retryAfter() }).end() })
  const { admin, user } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await sendTestEvent(db, admin, { webhookId: id })
  await deliver(db)
  const [delivery] = (await listDeliveries(db, admin, { webhookId: id })).rows
  const pauseMs = (delivery?.dueAt?.getTime() ?? 0) - now().getTime()
  expect(pauseMs).toBeGreaterThan(minutes(29))
  expect(pauseMs).toBeLessThanOrEqual(hours(1))
  await enqueueMessage(db, user, document)
  pass(minutes(25))
  await deliver(db)
  expect(receiver.received, 'from every event').toHaveLength(1)
})

test.each([
  [
    'a redirect is not followed',
    (url: string) => ({ answer: r => void r.writeHead(302, { location: `${url}/elsewhere` }).end() }),
    { state: 'pending', attempts: [{ status: 302 }] },
  ],
  [
    'an answer without end is cut',
    () => ({ answer: r => void r.writeHead(200).write('x'.repeat(100_000)) }),
    { state: 'delivered', attempts: [{ text: `${'x'.repeat(499)}…` }] },
  ],
  ['no answer is given up', () => ({ answer: () => undefined }), { state: 'pending', attempts: [{ status: null, error: 'timeout' }] }],
  [
    'a stranger’s certificate is refused',
    () => ({ certificate: { names: ['localhost'], isUntrusted: true } }),
    { state: 'pending', attempts: [{ status: null, error: 'tls' }] },
  ],
  [
    'a certificate of another name is refused',
    () => ({ certificate: { names: ['elsewhere.test'] } }),
    { state: 'pending', attempts: [{ status: null, error: 'tls' }] },
  ],
  ['a good certificate is not', () => ({ certificate: { names: ['localhost'] } }), { state: 'delivered', attempts: [{ status: 204, error: null }] }],
] as [string, (url: string) => Parameters<typeof startReceiver>[0], object][])('%s', async (_, behaviour, expected) => {
  await using db = await testDb()
  await using elsewhere = await startReceiver()
  await using receiver = await startReceiver(behaviour(elsewhere.url))
  const { admin } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await sendTestEvent(db, admin, { webhookId: id })
  await deliver(db)
  expect((await listDeliveries(db, admin, { webhookId: id })).rows).toMatchObject([expected])
  expect(elsewhere.received).toHaveLength(0)
})

test('private addresses are refused at saving, and at connecting whatever was saved', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin, tenantId } = await makeCompany(db)
  env.smtp.allowCidrs = []
  env.relayUrl = 'smtps://relay.example.test'
  await db.update(installations).set({ mode: 'live' })
  const save = (url: string) => createWebhook(db, admin, { url, events: ['message.queued'] })
  for (const url of ['https://10.0.0.1/', 'https://169.254.169.254/latest', 'https://[::1]/', 'https://localhost/'])
    await expect(save(url), url).rejects.toMatchObject({ code: 'notAdmitted', field: 'url' })
  await expect(save('http://example.com/')).rejects.toMatchObject({ code: 'webhookHttps', field: 'url' })
  env.relayUrl = undefined
  await db.update(installations).set({ mode: 'sandbox' })
  await expect(save('http://example.com/'), 'nobody typed its port').rejects.toMatchObject({ code: 'webhookHttps', field: 'url' })
  await expect(save('http://example.com:81/')).rejects.toMatchObject({ code: 'webhookPort', field: 'url', values: { port: 81 } })
  await expect(save('https://192.168.1.1/'), 'a sandbox admits this machine only').rejects.toMatchObject({ code: 'notAdmitted' })
  const webhook = { id: newId(), tenantId }
  await db.insert(webhooks).values({
    ...webhook,
    url: receiver.url.replace('http:', 'https:'),
    events: ' message.queued ',
    secretSealed: sealSecret(webhook, 'whsec_c2VjcmV0'),
    createdAt: now(),
  })
  await sendTestEvent(db, admin, { webhookId: webhook.id })
  const [claimed] = await claimWebhooks(db, { limit: 1 })
  if (claimed) await drainWebhook(db, { mode: 'live', signal: never }, claimed)
  expect((await listDeliveries(db, admin, { webhookId: webhook.id })).rows[0]?.attempts).toMatchObject([{ error: 'notAdmitted', status: null }])
  expect(receiver.received).toHaveLength(0)
})

test('only admins see and change webhooks, and only their own company’s', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  const { id } = await listen(db, acme.admin, receiver.url)
  await sendTestEvent(db, acme.admin, { webhookId: id })
  const [delivery] = (await listDeliveries(db, acme.admin, { webhookId: id })).rows
  const input = { url: receiver.url, events: ['message.accepted' as const] }
  const acts = (actor: Actor) => [
    () => getWebhook(db, actor, { id }),
    () => saveWebhook(db, actor, { id, ...input }),
    () => switchWebhook(db, actor, { id, isActive: false }),
    () => rotateSecret(db, actor, { id }),
    () => deleteWebhook(db, actor, { id }),
    () => sendTestEvent(db, actor, { webhookId: id }),
    () => listDeliveries(db, actor, { webhookId: id }),
    () => replayDelivery(db, actor, { webhookId: id, id: delivery?.id ?? '' }),
    () => replayFailed(db, actor, { webhookId: id }),
  ]
  for (const act of acts(globex.admin)) await expect(act()).rejects.toMatchObject({ code: 'webhookNotFound' })
  for (const act of [...acts(acme.user), () => listWebhooks(db, acme.user)]) await expect(act()).rejects.toMatchObject({ code: 'notAdmin' })
  expect(await listWebhooks(db, globex.admin)).toEqual([])
  expect(await getWebhook(db, acme.admin, { id })).toMatchObject({ isActive: true, events: ['message.queued'] })
  await saveWebhook(db, acme.admin, { id, ...input })
  expect((await getWebhook(db, acme.admin, { id })).events).toEqual(['message.accepted'])
  await deleteWebhook(db, acme.admin, { id })
  expect(await db.select().from(webhookDeliveries)).toEqual([])
})

test('what is no id finds no webhook, and leads to the first page of its log', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await sendTestEvent(db, admin, { webhookId: id })
  for (const asked of [getWebhook(db, admin, { id: 'a\0' }), listDeliveries(db, admin, { webhookId: 'a\0' })])
    await expect(asked).rejects.toMatchObject({ code: 'webhookNotFound' })
  expect((await listDeliveries(db, admin, { webhookId: id, before: 'a\0' })).rows).toHaveLength(1)
})

test('two engines share the webhooks, and one that lost its lease records nothing', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin } = await makeCompany(db)
  const { id } = await listen(db, admin, receiver.url)
  await sendTestEvent(db, admin, { webhookId: id })
  const [both] = await Promise.all([claimWebhooks(db, { limit: 5 }), claimWebhooks(db, { limit: 5 })]).then(claims => [claims.flat()])
  expect(both).toHaveLength(1)
  const back = shiftClock(minutes(2))
  const [newer] = await claimWebhooks(db, { limit: 5 })
  const [older] = both ?? []
  if (!older || !newer) throw new Error('nothing was claimed')
  await drainWebhook(db, { mode: 'sandbox', signal: never }, older)
  expect((await listDeliveries(db, admin, { webhookId: id })).rows, 'delivered twice at worst, recorded by one').toMatchObject([
    { state: 'pending', attempts: [] },
  ])
  expect(await claimWebhooks(db, { limit: 5 }), 'nor does it give back what another has now').toEqual([])
  await drainWebhook(db, { mode: 'sandbox', signal: never }, newer)
  back()
  expect((await listDeliveries(db, admin, { webhookId: id })).rows).toMatchObject([{ state: 'delivered' }])
})

test('an engine that knows of no webhook writes no statement, and learns of a new one', async () => {
  await using db = await testDb()
  const { admin, tenantId } = await makeCompany(db)
  const queued = [{ event: 'message.queued' as const, tenantId, subjectId: newId() }]
  expect(webhookStatements(db, queued), 'who does not know lets the statement look').toHaveLength(1)
  await learnInterest(db)
  expect(webhookStatements(db, queued)).toEqual([])
  await createWebhook(db, admin, { url: 'http://localhost:1024/', events: ['message.queued'] })
  await learnInterest(db)
  expect(webhookStatements(db, queued)).toHaveLength(1)
  expect(webhookStatements(db, [{ event: 'message.expired', tenantId, subjectId: newId() }])).toEqual([])
})

test.each(['', 'ftp://example.com', 'javascript:alert(1)', 'https://', 'https://user:pw@example.com/'])('%j is no address for events', url => {
  expect(webhookForm.safeParse({ url, events: 'message.queued' }).success).toBe(false)
})

test('an answer that is cut within an emoji is written down, and the event is not posted again', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver({ answer: response => void response.writeHead(200).end(`${'a'.repeat(498)}😀 thank you`) })
  const { admin, user } = await makeCompany(db)
  await listen(db, admin, receiver.url)
  await enqueueMessage(db, user, document)
  expect(await deliver(db)).toBe(1)
  expect(await db.select({ state: webhookDeliveries.state }).from(webhookDeliveries)).toEqual([{ state: 'delivered' }])
})

test('a new address is tried at once, and nothing that the old one still answers counts for it', async () => {
  await using db = await testDb()
  await using receiver = await startReceiver()
  const { admin, user } = await makeCompany(db)
  await using old = await startReceiver({ answer: response => void response.writeHead(503, { 'retry-after': '3000' }).end() })
  const { id } = await listen(db, admin, old.url)
  await enqueueMessage(db, user, document)
  await deliver(db)
  await enqueueMessage(db, user, document)
  expect(await deliver(db), 'it rests').toBe(0)
  await saveWebhook(db, admin, { id, url: old.url, events: ['message.queued'] })
  const change = saveWebhook.bind(null, db, admin, { id, url: receiver.url, events: ['message.queued'] })
  old.answer(response => void change().then(() => response.writeHead(410).end()))
  await deliver(db)
  expect(old.received, 'the old one was asked when its settings were saved').toHaveLength(2)
  await deliver(db)
  expect(receiver.received).toHaveLength(1)
  expect(await getWebhook(db, admin, { id })).toMatchObject({ isActive: true, disabledBecause: null })
})

test('a company has twenty webhooks at most', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  for (let i = 0; i < 20; i++) await listen(db, acme.admin, 'http://localhost:1024/')
  await expect(listen(db, acme.admin, 'http://localhost:1024/')).rejects.toMatchObject({ code: 'tooManyWebhooks', values: { most: 20 } })
  await listen(db, globex.admin, 'http://localhost:1024/')
})
