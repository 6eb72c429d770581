import { createHash, randomBytes } from 'node:crypto'
import { and, eq, isNotNull } from 'drizzle-orm'
import { atomically, must, NothingMatched } from '@/db/atomically'
import type { Db } from '@/db/client'
import { cards, installations, logins } from '@/db/schema'
import { assertNotEventAddress } from '@/lib/card/card-email'
import { cardRow } from '@/lib/card/new-card'
import { now } from '@/lib/clock'
import { allOf, Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { hashPassword } from '@/lib/login/password'
import { createSession } from '@/lib/login/session'
import { assertSlugFree, newTenant } from '@/lib/tenant/tenant'
import { seedDemo } from './demo'
import { getMode, type Mode, modeByEnvironment } from './mode'
import type { SetupInput } from './setup.form'

export { getMode } from './mode'

/**
 * Called once by the start, before web and engine: writes the mode when the database is new, gives a sandbox its demo
 * company, and a live installation that nobody has set up a fresh one-time code. Only its hash is kept.
 * @throws Error when the database is of the other mode
 */
export async function prepareInstallation(db: Db): Promise<{ mode: Mode; setupCode: string | null }> {
  const made = { id: 'this', mode: modeByEnvironment(), setupCodeHash: null, createdAt: now() } as const
  const [first] = await db.insert(installations).values(made).onConflictDoNothing().returning({ id: installations.id })
  const mode = await getMode(db)
  if (mode === 'sandbox') {
    await seedDemo(db)
    return { mode, setupCode: null }
  }
  return { mode, setupCode: await renewSetupCode(db, { isFirst: first !== undefined }) }
}

/** Whether the first visitor may still set this installation up. */
export async function needsSetup(db: Db): Promise<boolean> {
  const [row] = await db.select({ id: installations.id }).from(installations).where(isNotNull(installations.setupCodeHash))
  return row !== undefined
}

/**
 * The first visitor, with the code that the server printed, makes the first company and its admin, and is signed in.
 * @throws Refusal those of assertMaySetUp; `passwordTooShort`, `passwordTooLong` at `password`
 */
export async function completeSetup(db: Db, input: SetupInput): Promise<{ sessionId: string }> {
  await assertMaySetUp(db, input)
  const setupCodeHash = hashCode(input.code)
  const email = input.email.toLowerCase()
  const passwordHash = await hashPassword(input.password)
  const [tenantId, loginId] = [newId(), newId()]
  const admin = cardRow({ tenantId, loginId, code: input.userCode, name: input.name, email: input.email, role: 'admin', isConfirmed: true })
  const stillInvited = and(eq(installations.id, 'this'), eq(installations.setupCodeHash, setupCodeHash))
  try {
    await atomically(db, tx => [
      must(tx.update(installations).set({ setupCodeHash: null }).where(stillInvited).returning({ id: installations.id })),
      ...newTenant(tx, { id: tenantId, slug: input.slug, name: input.companyName }),
      tx.insert(logins).values({ id: loginId, email, passwordHash, createdAt: now() }),
      tx.insert(cards).values(admin),
    ])
  } catch (error) {
    throw error instanceof NothingMatched ? new Refusal('setupDone') : error
  }
  return { sessionId: await createSession(db, loginId, tenantId) }
}

type Claim = Pick<SetupInput, 'code'> & Partial<Pick<SetupInput, 'slug' | 'email'>> // nobody has what is left out

/**
 * What `completeSetup` refuses before it writes, all at once; of a form that is filled in by half, what is there. Who has not the code is
 * not told which companies and logins there are.
 * @throws Refusal `setupDone`; `setupCodeWrong` at `code`; `slugTaken`, `loginExists`, `emailIsEventAddress` at their fields
 */
export async function assertMaySetUp(db: Db, { code, slug = '', email = '' }: Claim): Promise<void> {
  if (!(await needsSetup(db))) throw new Refusal('setupDone')
  const [invited] = await db
    .select({ id: installations.id })
    .from(installations)
    .where(eq(installations.setupCodeHash, hashCode(code)))
  if (!invited) throw new Refusal('setupCodeWrong', 'code')
  await allOf(assertSlugFree(db, slug), assertEmailFree(db, email))
}

async function assertEmailFree(db: Db, email: string): Promise<void> {
  assertNotEventAddress(email)
  const [taken] = await db.select({ id: logins.id }).from(logins).where(eq(logins.email, email.toLowerCase()))
  if (taken) throw new Refusal('loginExists', 'email')
}

/** A code that was printed in an earlier start may be lost: every start before the set-up prints another. */
async function renewSetupCode(db: Db, { isFirst }: { isFirst: boolean }): Promise<string | null> {
  if (!isFirst && !(await needsSetup(db))) return null
  const code = randomBytes(15).toString('base64url')
  await db.update(installations).set({ setupCodeHash: hashCode(code) })
  return code
}

const hashCode = (code: string) => createHash('sha256').update(code.trim()).digest('hex')
