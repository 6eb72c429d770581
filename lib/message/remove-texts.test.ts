import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { type Db, poolOf } from '@/db/client'
import { attachments, messageAttachments, messageBodies, messageContents, messages } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { days, now, shiftClock } from '@/lib/clock'
import { runCleanUp } from '@/lib/operate/run-clean-up'
import { getKeepTextsDays, keepTextsForm, saveKeepTextsDays } from '@/lib/tenant/keep-texts'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { openTransaction, untilSomebodyWaits } from '@/lib/testing/open-transaction'
import { enqueueMessage } from './enqueue-message'
import { getMessage, retryMessage } from './message'
import { isTextRemoved, TextRemover } from './remove-texts'

const terms = { filename: 'regulamin.pdf', contentType: 'application/pdf', content: Buffer.from('the same for everybody') }
const invoice = (name: string) => ({ filename: name, contentType: 'application/pdf', content: Buffer.from(name) })

async function ended(db: Db, actor: Actor, files = [terms]): Promise<string> {
  const { id } = await enqueueMessage(db, actor, { to: ['klient@example.test'], subject: 'Faktura', text: 'Poufne', kind: 'document', attachments: files })
  await db.update(messages).set({ state: 'refused', dueAt: null, endedAt: now() }).where(eq(messages.id, id))
  return id
}

test('a text is removed when its company no longer keeps it; the log stays, another company’s text and shared files too', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  await saveKeepTextsDays(db, acme.admin, { days: 30 })
  const old = await ended(db, acme.user, [terms, invoice('1.pdf')])
  const kept = await ended(db, globex.user)
  const { id: pending } = await enqueueMessage(db, acme.user, {
    to: ['a@example.test'],
    subject: 'Czeka',
    text: 'Poufne',
    kind: 'document',
    attachments: [terms],
  })
  expect(await new TextRemover().step(db), 'not yet').toBe(0)

  const back = shiftClock(days(31))
  const recent = await ended(db, acme.user)
  expect(await new TextRemover().step(db)).toBe(1)
  const view = await getMessage(db, acme.user, { id: old })
  expect(view).toMatchObject({
    text: '',
    isTextRemoved: true,
    mayRetry: false,
    message: { subject: 'Faktura', state: 'refused' },
    recipients: [{ address: 'klient@example.test' }],
  })
  await expect(retryMessage(db, acme.user, { id: old })).rejects.toMatchObject({ code: 'textRemoved' })
  for (const [actor, id] of [
    [globex.user, kept],
    [acme.user, pending],
    [acme.user, recent],
  ] as const)
    expect(await getMessage(db, actor, { id })).toMatchObject({ text: 'Poufne', isTextRemoved: false })
  const files = await db.select({ content: attachments.content }).from(attachments)
  expect(files.map(({ content }) => content.toString()).sort(), 'a file that others carry stays').toEqual(['the same for everybody', 'the same for everybody'])
  expect((await db.select().from(messageAttachments)).every(({ messageId }) => messageId !== old)).toBe(true)
  back()
})

test('a message that is queued again while its text is about to be removed keeps it', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const id = await ended(db, user, [invoice('1.pdf')])
  const back = shiftClock(days(91))
  const open = `update message set state = 'queued', ended_at = null where id = '${id}'`
  if (isPostgres) {
    await using engine = await openTransaction() // of another process: it retries as everybody does, the account first
    await engine.client.query('select 1 from account for key share')
    await engine.client.query('update account set due_at = now()')
    await engine.client.query(open)
    const removing = new TextRemover().step(db)
    await Promise.race([removing, untilSomebodyWaits(engine.client)])
    await engine.client.query('commit')
    await removing
  } else {
    const removing = new TextRemover().step(db) // has looked, and writes when the event loop comes round
    await retryMessage(db, user, { id })
    await removing
  }
  back()
  expect(await getMessage(db, user, { id })).toMatchObject({ text: 'Poufne', isTextRemoved: false, message: { state: 'queued' } })
  expect(await db.select({ content: attachments.content }).from(attachments)).toHaveLength(1)
})

test('a message whose text is removed while somebody retries it is not queued without one', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const id = await ended(db, user)
  if (isPostgres) {
    await poolOf(db).query(`create function remove() returns trigger language plpgsql as $$ begin delete from message_content; return new; end $$`)
    await poolOf(db).query('create trigger t before update on account for each row execute function remove()')
  } else db.$client.exec('create trigger t before update on account begin delete from message_content; end')
  await expect(retryMessage(db, user, { id })).rejects.toMatchObject({ code: 'textRemoved' })
  expect(await getMessage(db, user, { id })).toMatchObject({ message: { state: 'refused', dueAt: null }, recipients: [{ state: 'queued' }] })
})

test.runIf(isPostgres)('files that are removed while another message that carries them comes in are stored again', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const files = [terms, invoice('1.pdf')]
  await ended(db, user, files)
  const [first, second] = (await db.select({ id: attachments.id }).from(attachments)).map(({ id }) => id).sort()
  await db.delete(messageAttachments)
  const remover = await poolOf(db).connect()
  await remover.query('begin')
  await remover.query('delete from attachment where id = $1', [second])
  const coming = enqueueMessage(db, user, { to: ['a@example.test'], subject: 'Faktura', text: 'x', kind: 'document', attachments: files })
  const waiting = () => poolOf(db).query("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
  await expect.poll(async () => (await waiting()).rowCount, { message: 'it has found the first and waits for the second' }).toBe(1)
  await db.delete(attachments).where(eq(attachments.id, first ?? ''))
  await remover.query('commit')
  remover.release()
  const { id } = await coming
  const carried = await db.select().from(messageAttachments)
  expect(carried.map(({ messageId, attachmentId }) => [messageId, attachmentId]).sort()).toEqual([first, second].map(file => [id, file]))
  expect(await db.select().from(attachments)).toHaveLength(2)
})

test('what came as bytes goes as well, in small steps, however many there are', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const ids: string[] = []
  for (let i = 0; i < 3; i++) ids.push(await ended(db, user, []))
  await db.delete(messageContents)
  await db.insert(messageBodies).values(ids.map(messageId => ({ messageId, raw: Buffer.from('Subject: Faktura\r\n\r\nPoufne') })))
  const back = shiftClock(days(91))
  const remover = new TextRemover()
  expect(await remover.step(db)).toBe(3)
  expect(await remover.step(db), 'and rests').toBe(0)
  back()
  expect(await db.select().from(messageBodies)).toEqual([])
})

test('a company that keeps its texts short does not wait for those that another keeps long', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  const kept = Array.from({ length: 250 }, () => ({ to: ['klient@example.test'], subject: 'Faktura', text: 'Poufne', kind: 'document' as const }))
  await Promise.all(kept.map(message => enqueueMessage(db, globex.user, message)))
  const id = await ended(db, acme.user, [])
  const back = shiftClock(days(31))
  const remover = new TextRemover()
  expect([await remover.step(db), remover.isUnderWay], 'nobody’s texts are over: not one is looked at').toEqual([0, false])
  await saveKeepTextsDays(db, acme.admin, { days: 30 })
  const stop = new AbortController()
  const cleaning = runCleanUp(db, { signal: stop.signal })
  await expect.poll(() => isTextRemoved(db, id), { timeout: 10_000 }).toBe(true)
  stop.abort()
  await cleaning
  back()
})

test('only an admin says how long, and only of the own company', async () => {
  await using db = await testDb()
  const [acme, globex] = [await makeCompany(db, 'acme'), await makeCompany(db, 'globex')]
  await expect(saveKeepTextsDays(db, acme.user, { days: 7 })).rejects.toMatchObject({ code: 'notAdmin' })
  await saveKeepTextsDays(db, acme.admin, keepTextsForm.parse({ days: ' 365 ' }))
  expect([await getKeepTextsDays(db, acme.user), await getKeepTextsDays(db, globex.user)]).toEqual([365, 90])
  for (const wrong of ['6', '3651', '30.5', 'x', '0x10', '', ' '])
    expect(keepTextsForm.safeParse({ days: wrong }).error?.issues[0]?.message, wrong).toBe('daysInvalid')
})
