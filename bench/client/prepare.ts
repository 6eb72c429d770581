import { eq } from 'drizzle-orm'
import { closeDb, getDb } from '@/db/client'
import { accounts, cards } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { createApiKey } from '@/lib/api/api-key'
import { addCardAsOperator } from '@/lib/card/operate-cards'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { createTenant, findTenant } from '@/lib/tenant/tenant'
import { options } from './letter'

/** Gives a new installation its two companies. The account of `held` is paused, so that what it hands over stays where it is. */
const given = options<{ cards: number }>()
const db = getDb()
const flowing = await makeCompany('acme', given.cards)
const held = await makeCompany('held', given.cards)
await db.update(accounts).set({ state: 'paused', pauseReason: 'incomplete' }).where(eq(accounts.tenantId, held.tenantId))
console.log(JSON.stringify({ flowing, held }))
await closeDb(db)

async function makeCompany(slug: string, count: number) {
  await createTenant(db, { slug, name: `${slug} Ltd` })
  const tenantId = (await findTenant(db, slug))?.id ?? ''
  const codes = ['ANNA', ...Array.from({ length: count - 1 }, (_, number) => `U${number}`)]
  for (const code of codes) {
    const email = `${code.toLowerCase()}@${slug}.test`
    await addCardAsOperator(db, {
      slug,
      code,
      name: `${code} of ${slug}`,
      email,
      loginEmail: null,
      role: code === 'ANNA' ? 'admin' : 'user',
      isConfirmed: true,
    })
  }
  const [card] = await db.select().from(cards).where(eq(cards.tenantId, tenantId))
  if (!card) throw new Error('the card of the bench is missing')
  const anna: Actor = { tenantId, cardId: card.id, code: card.code, loginId: card.loginId, role: 'admin' }
  await enqueueMessage(db, anna, { to: ['customer@example.test'], subject: 'The first', text: 'Makes the account', kind: 'document' })
  const [account] = await db.select({ id: accounts.id }).from(accounts).where(eq(accounts.tenantId, tenantId))
  return { slug, tenantId, codes, accountId: account?.id ?? '', key: await makeKey(anna) }
}

async function makeKey(admin: Actor): Promise<string> {
  const { key } = await createApiKey(db, admin, { name: 'bench', scope: 'send', cards: 'all', codes: [], addresses: [], expires: null })
  return key
}
