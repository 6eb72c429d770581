import { and, eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { credentials } from '@/db/schema'
import { resumeAccountsOf } from '@/lib/account/resume-accounts'
import type { Actor } from '@/lib/actor/actor'
import { requireCard } from '@/lib/card/require-card'
import { now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { NoKey, seal } from '@/lib/secret/seal'
import { type CredentialUse, credentialPlace, openPassword } from './open-credential'
import { getSender } from './sender'

/** As providers show an app password: groups of letters with blanks between them, or one pasted with a blank at its end. */
const looksPasted = (password: string) => /^\s*[a-z0-9]{3,5}(\s+[a-z0-9]{3,5}){2,4}\s*$/i.test(password) || password !== password.trim()

/** Whether the stored password looks like a pasted app password. Says that and no more. */
export async function hasAppPasswordBlanks(db: Db, { tenantId }: Pick<Actor, 'tenantId'>, use: Omit<CredentialUse, 'tenantId'>): Promise<boolean> {
  const password = await passwordOrNone(db, { tenantId, ...use })
  return password !== null && looksPasted(password)
}

/** One that no key opens is as good as none: the pages where another is typed must not fail over it. */
async function passwordOrNone(db: Db, use: CredentialUse): Promise<string | null> {
  try {
    return await openPassword(db, use)
  } catch (error) {
    if (error instanceof NoKey) return null
    throw error
  }
}

/**
 * Takes the blanks out of the stored password of a card because its owner or an admin asked for it, and lets waiting mail
 * try again. It stays bound to the same server and user name.
 * @throws Refusal `notAdmin`, `cardNotFound`, `policyNothing`, `passwordNeeded`, `noBlanks`
 */
export async function removePasswordBlanks(db: Db, actor: Actor, { code }: { code: string }): Promise<{ count: number }> {
  const card = await requireCard(db, actor, code)
  if (!(await getSender(db, actor, { code })).mayConfigure) throw new Refusal('policyNothing')
  const own = and(eq(credentials.cardId, card.id), eq(credentials.tenantId, actor.tenantId))
  const [kept] = await db.select().from(credentials).where(own)
  const password = kept ? await passwordOrNone(db, { ...kept, cardId: card.id, tenantId: actor.tenantId }) : null
  if (!kept || password === null) throw new Refusal('passwordNeeded')
  const without = password.replace(/\s/g, '')
  if (without === password || without === '') throw new Refusal('noBlanks')
  const passwordSealed = seal(without, credentialPlace({ ...kept, cardId: card.id, tenantId: actor.tenantId }))
  const changed = await db
    .update(credentials)
    .set({ passwordSealed, savedAt: now() })
    .where(and(own, eq(credentials.passwordSealed, kept.passwordSealed)))
    .returning({ cardId: credentials.cardId })
  if (changed.length === 0) throw new Refusal('stale')
  await resumeAccountsOf(db, { tenantId: actor.tenantId, cardId: card.id })
  return { count: password.length - without.length }
}
