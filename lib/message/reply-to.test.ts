import { expect, test } from 'vitest'
import type { Db } from '@/db/client'
import { senders } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { getForKey, listForKey } from '@/lib/api/read-messages'
import { now } from '@/lib/clock'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { acceptMessages } from './accept-messages'
import { enqueueMessage } from './enqueue-message'
import { findWay } from './find-way'
import { getMessage } from './message'
import { prepareRawMessage } from './prepare-raw-message'

const invoice = { to: ['k@example.test'], subject: 'Faktura', text: 'W załączeniu.', kind: 'document' as const }

/** As the page, one message of the API and its list say it. */
async function replyTos(db: Db, actor: Actor, { id }: { id: string }) {
  const holder = { id: 'key', tenantId: actor.tenantId, scope: 'read' as const, cardIds: null }
  const listed = (await listForKey(db, holder, { limit: 50 })).messages.find(message => message.id === id)
  return [(await getMessage(db, actor, { id })).replyTo, (await getForKey(db, holder, id)).reply_to, listed?.reply_to]
}

async function asBytes(db: Db, { tenantId, cardId }: Actor, lines: string[]): Promise<{ id: string }> {
  const raw = Buffer.from(['From: anna@acme.test', 'To: k@example.test', ...lines, '', 'W załączeniu.', ''].join('\r\n'))
  const prepared = prepareRawMessage(await findWay(db, tenantId, cardId), { raw, recipients: ['k@example.test'], dsn: null, protocol: 'ESMTPS' })
  await acceptMessages(db, [prepared], 'smtp')
  return prepared
}

test('page and API say the same of where answers go: whom the program named, also in bytes of its own', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const named = await enqueueMessage(db, user, { ...invoice, replyTo: 'biuro@acme.test' })
  const none = await enqueueMessage(db, user, invoice)
  const bytes = await asBytes(db, user, ['Reply-To: Biuro <biuro@acme.test>', 'Subject: Faktura'])
  const folded = await asBytes(db, user, [`X-Long: ${'x'.repeat(900)}`, 'Reply-To: "Biuro"', ' <biuro@acme.test>, jan@acme.test'])
  const plain = await asBytes(db, user, ['Subject: Reply-To: nobody@acme.test'])
  expect(await replyTos(db, user, named)).toEqual(Array(3).fill('biuro@acme.test'))
  expect(await replyTos(db, user, none)).toEqual(Array(3).fill(null))
  expect(await replyTos(db, user, bytes)).toEqual(Array(3).fill('biuro@acme.test'))
  expect(await replyTos(db, user, folded)).toEqual(Array(3).fill('biuro@acme.test, jan@acme.test'))
  expect(await replyTos(db, user, plain)).toEqual(Array(3).fill(null))
})

test('a route that sets where answers go is stronger than the program', async () => {
  await using db = await testDb()
  const { user, tenantId } = await makeCompany(db)
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'replyTo', updatedAt: now() })
  const named = await enqueueMessage(db, user, { ...invoice, replyTo: 'biuro@acme.test' })
  expect(await replyTos(db, user, named)).toEqual(Array(3).fill('anna@acme.test'))
})
