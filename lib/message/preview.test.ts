import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { messageBodies, messageContents, messages } from '@/db/schema'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { enqueueMessage } from './enqueue-message'
import { getMessage } from './message'

const invoice = { to: ['k@example.test'], subject: 'Faktura', kind: 'document' as const }
const html = `<html><head><title>Faktura</title><style>p { color: red }</style></head><body>
  <h1>Dzień dobry,</h1>
  <p>w załączeniu   faktura <b>1/11</b> za prace A&nbsp;&amp;&nbsp;B &lt;pilne&gt;.</p>
  <table><tr><td>Razem</td><td>100&nbsp;zł</td></tr><tr><td>Termin</td><td>7 dni</td></tr></table>
  <script>alert('x')</script>Pozdrawiamy<br>Anna
</body></html>`
const words = 'Dzień dobry,\nw załączeniu faktura 1/11 za prace A & B <pilne>.\nRazem 100 zł\nTermin 7 dni\n\nPozdrawiamy\nAnna'

test('of a message that is HTML alone the page shows the words, and what hangs on it', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const attachments = [{ filename: 'faktura.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF-1') }]
  const { id } = await enqueueMessage(db, user, { ...invoice, text: '', html, attachments })
  const view = await getMessage(db, user, { id })
  expect(view.text).toBe(words)
  expect(view.attachments).toEqual([{ filename: 'faktura.pdf', sizeBytes: 6 }])
})

test('so it does of one that came as bytes; where a text was written too, that is shown', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const both = await enqueueMessage(db, user, { ...invoice, text: 'Tekst', html })
  expect((await getMessage(db, user, both)).text).toBe('Tekst')
  await db.delete(messageContents).where(eq(messageContents.messageId, both.id))
  const raw = Buffer.from(`Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${html.replaceAll('\n', '\r\n')}`)
  await db.insert(messageBodies).values({ messageId: both.id, raw })
  expect((await getMessage(db, user, both)).text).toBe(words)
  expect(await db.select().from(messages)).toHaveLength(1)
})

test('megabytes of HTML keep nobody waiting for their page', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  const { id } = await enqueueMessage(db, user, { ...invoice, text: '', html: '<div><b>a</b> &lt;'.repeat(300_000) })
  const beganAt = performance.now()
  expect((await getMessage(db, user, { id })).text.length).toBeLessThanOrEqual(10_000)
  expect(performance.now() - beganAt).toBeLessThan(3000)
})
