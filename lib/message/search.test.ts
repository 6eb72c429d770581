import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { closeDb, type Db, openDb } from '@/db/client'
import { installations, messages } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { minutes, now, shiftClock } from '@/lib/clock'
import { newId } from '@/lib/id'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { takeInHand } from '@/lib/testing/in-hand'
import { enqueueMessage } from './enqueue-message'
import { indexWords } from './index-words'
import { listMessages } from './list-messages'
import { searchedWords, searchText } from './search-text'

const document = { to: ['klient4321@example.test'], subject: 'Faktura „VAT” FV/2026/0017', text: 'x', kind: 'document' as const }

test.each([
  ['faktura', true],
  ['FAKT', true],
  ['vat', true],
  ['fv/2026/0017', true],
  ['2026', true],
  ['17', true],
  ['klient4321@example.test', true],
  ['4321', true],
  ['@example.test', true],
  ['test fakt', true],
  ['aktura', false],
  ['321', false],
  ['klient4321@example.com', false],
  ['faktura 2027', false],
])('%j finds the message: %s', (typed, isFound) => {
  const text = searchText([document.subject, ...document.to])
  expect(searchedWords(typed).every(word => text.includes(` ${word}`))).toBe(isFound)
})

test('signs that would mean something to a database are letters, or nothing', () => {
  expect(searchedWords(`%' "; drop table message -- \\ ( * a:b`)).toEqual(['drop', 'table', 'message', 'a:b'])
  expect(
    searchText(['x'.repeat(100), 'Żółć\0\r\nb'])
      .split(' ')
      .slice(1),
  ).toEqual(['x'.repeat(60), 'żółć', 'b'])
})

test('each of five hundred recipients is found, however long the addresses are', () => {
  const addressOf = (number: number) => `${number}.${'a-very.long_name.'.repeat(3)}of@${'a-department.'.repeat(12)}example.test`
  const text = searchText(['Faktura', ...Array.from({ length: 500 }, (_, i) => addressOf(1000 + i))])
  for (const typed of ['faktura', '1000.a-very', '1499.a-very.long_name', 'very']) expect(text, typed).toContain(` ${searchedWords(typed)[0]}`)
})

test('one word is found from a dozen of its beginnings, however many it has: nobody fills the database with a subject', () => {
  expect(searchText([Array.from({ length: 400 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('.')]).length).toBeLessThan(800)
  expect(searchText(['anna.maria.kowalska-nowak@dzial.finanse.oddzial.example.com.pl'])).toContain(' pl')
})

test.each(['?', '„”', '- / -'])('%j alone finds nothing, and nothing typed finds all', async typed => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  await enqueueMessage(db, user, document)
  expect((await listMessages(db, admin, { search: typed, limit: 50 })).rows).toEqual([])
  expect((await listMessages(db, admin, { search: ' ', limit: 50 })).rows).toHaveLength(1)
})

/** A company with more messages than are looked through row by row, all of them in the index. */
async function manyMessages(db: Db, user: Actor) {
  await db.update(installations).set({ mode: 'live' })
  const odd = await enqueueMessage(db, user, { ...document, to: ["rare'one@example.test"], subject: 'Umowa 7 \\o/ | "a"b\\ & ! :*' })
  const [one] = await db.select().from(messages).where(eq(messages.id, odd.id))
  if (!one) throw new Error('nothing was queued')
  for (let from = 0; from < 6_000; from += 500) {
    const rows = Array.from({ length: 500 }, (_, i) => {
      const number = from + i
      const search = searchText([`Faktura ${number}/2026`, `klient${number % 100}@example.test`])
      return { ...one, id: newId(), rfcMessageId: `m${number}`, search, queuedAt: now() }
    })
    await db.insert(messages).values(rows)
  }
  return odd.id
}

test('what is older than can be looked through is found in the index, and what is younger than that without', { timeout: 60_000 }, async () => {
  await using db = await testDb()
  const { user, admin, second } = await makeCompany(db)
  const other = await makeCompany(db, 'beta')
  const odd = await manyMessages(db, user)
  const found = async (search: string, actor = admin) => (await listMessages(db, actor, { search, limit: 50 })).rows.map(({ id }) => id)
  expect(await found('umowa'), 'nothing is indexed yet').toEqual([odd])
  expect(await indexWords(db), 'what was queued just now may have company that is not stored yet').toBe(0)
  const back = shiftClock(minutes(2))
  while ((await indexWords(db)) > 0);
  back()
  const young = await enqueueMessage(db, user, { ...document, subject: 'Umowa 8' })
  expect(await found('umowa')).toEqual([young.id, odd])
  for (const search of ["rare'one@", 'umowa 7', 'o/', 'a"b\\', 'umowa 7 \\ " \' & | ! :*', '7 umowa']) expect(await found(search), search).toEqual([odd])
  for (const search of ['nosuch', "rare'oneother", 'żółć', 'a"c', 'umowa 9', 'mowa']) expect(await found(search), search).toEqual([])
  expect(await found('10/2026'), 'one that is common somewhere else in the word').toHaveLength(1)
  expect(await found('klient7@example.test faktura')).toHaveLength(50)
  expect(await found('umowa', other.admin), 'another company').toEqual([])
  expect(await found('umowa', second), 'another user').toEqual([])
  const common = await listMessages(db, admin, { search: 'faktura', limit: 50 })
  expect(common).toMatchObject({ areCountsLeast: true, counts: { all: 1001 } })
  const pages: string[] = []
  for (let before: string | null | undefined; before !== null; ) {
    const page = await listMessages(db, admin, { search: 'klient42', limit: 50, before })
    pages.push(...page.rows.map(({ id }) => id))
    before = page.nextBefore
  }
  expect(new Set(pages).size, 'page by page across the border, each once').toBe(60)
  expect(pages).toHaveLength(60)
})

test.skipIf(isPostgres)(
  'SQLite reads the messages whose ids it knows, and a later page from where it begins: never all of a company',
  { timeout: 60_000 },
  async () => {
    await using made = await testDb()
    const { user, admin } = await makeCompany(made)
    const odd = await manyMessages(made, user)
    const back = shiftClock(minutes(2))
    while ((await indexWords(made)) > 0);
    back()
    await takeInHand(made, [odd])
    const someByIds = 'select id from message where tenant_id = ? and id in (select value from json_each(?))'
    expect(planOf(made, someByIds), 'by the connection that made the tables').toMatch(/SEARCH message USING INDEX sqlite_autoindex_message_1/)
    made.$client.exec('analyze') // by somebody who means well
    const db = openDb()
    const asked = textsAsked(db)
    for (const actor of [user, admin]) {
      const first = await listMessages(db, actor, { limit: 50 })
      await listMessages(db, actor, { limit: 50, before: first.nextBefore ?? undefined })
      for (const search of ['umowa', 'faktura']) await listMessages(db, actor, { search, limit: 50, before: first.nextBefore ?? undefined })
      await listMessages(db, actor, { limit: 50, state: 'sending' })
    }
    const plans = [...asked].filter(text => /from "message"/.test(text)).map(text => ({ text, plan: planOf(db, text) }))
    const isByIds = /"message"\."id" in \(select value/
    const byIds = plans.filter(({ text }) => isByIds.test(text.slice(text.indexOf(' where '))) && !/not \(/.test(text))
    expect(byIds.length).toBeGreaterThan(6)
    for (const { text, plan } of byIds) expect(plan, text).toMatch(/SEARCH message USING INDEX sqlite_autoindex_message_1/)
    for (const { text, plan } of plans.filter(one => !byIds.includes(one) && /order by/.test(one.text))) {
      expect(plan, text).toMatch(text.includes('"id" < ?') ? /SEARCH message USING .*queued_at<\?/ : /SEARCH message USING/)
      expect(plan, text).not.toMatch(/FOR ORDER BY/)
    }
    await closeDb(db)
  },
)

/** What this connection is asked from now on, each text once. */
function textsAsked({ $client }: Db): Set<string> {
  const texts = new Set<string>()
  const prepare = $client.prepare.bind($client)
  $client.prepare = ((text: string) => prepare(texts.add(text) && text)) as typeof $client.prepare
  return texts
}

function planOf({ $client }: Db, text: string): string {
  const nothing = Array.from({ length: text.split('?').length - 1 }, () => null)
  const steps = $client.prepare(`explain query plan ${text}`).all(...nothing)
  return steps.map(step => (step as { detail: string }).detail).join('\n')
}

test('a company that searches without a pause is told to wait; another, and a list without words, are not', async () => {
  await using db = await testDb()
  const [acme, beta] = [await makeCompany(db, 'acme'), await makeCompany(db, 'beta')]
  const list = (actor: Actor, search?: string) => listMessages(db, actor, { search, limit: 10 })
  for (let i = 0; i < 120; i++) await list(i % 2 ? acme.user : acme.admin, 'faktura')
  await expect(list(acme.user, 'faktura')).rejects.toMatchObject({ code: 'tooManyRequests', values: { seconds: expect.any(Number) } })
  expect(await list(acme.user)).toMatchObject({ rows: [] })
  expect(await list(beta.user, 'faktura')).toMatchObject({ rows: [] })
})
