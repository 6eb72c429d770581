import { createHmac } from 'node:crypto'
import { and, eq, isNull, lte } from 'drizzle-orm'
import { z } from 'zod'
import type { Db } from '@/db/client'
import { microsoft365AdminConsents, type PendingAuthorization } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { isSameSecret } from '@/lib/secret/is-same-secret'
import { derivedKeys } from '@/lib/secret/keys'
import { findApplication, type MicrosoftApplication, makeClient, redirectUri, scopesOf } from './application'

type Purpose = PendingAuthorization['purpose']

/** What a company's Microsoft administrator has to consent to before its users can. `link` null: granted, or no application is registered. */
export type AdminConsent = { purpose: Purpose; link: string | null; grantedAt: Date | null }

/** What somebody of the company was told to have consented to, granted or not. */
export async function listAdminConsents(db: Db, actor: Actor): Promise<AdminConsent[]> {
  const rows = await db.select().from(microsoft365AdminConsents).where(eq(microsoft365AdminConsents.tenantId, actor.tenantId))
  const application = rows.some(({ grantedAt }) => grantedAt === null) ? await findApplication(db) : null
  return Promise.all(
    rows.map(async ({ tenantId, purpose, neededAt, grantedAt }) => {
      const link = grantedAt === null && application ? await linkFor(application, { tenantId, purpose, neededAt }) : null
      return { purpose, link, grantedAt }
    }),
  )
}

type Need = { tenantId: string; purpose: Purpose; neededAt: Date }

/** The address to send to the administrator of the organisation. It names the company, so that we hear which one agreed. */
async function linkFor(application: MicrosoftApplication, need: Need): Promise<string> {
  const url = new URL(`${await pagesOf(application)}/v2.0/adminconsent`)
  url.searchParams.set('client_id', application.clientId)
  url.searchParams.set('redirect_uri', redirectUri())
  url.searchParams.set('scope', scopesOf(need.purpose, application)[0] ?? '') // of one resource: AADSTS28000 refuses two at once
  url.searchParams.set('state', stateFor(need))
  return url.href
}

const authorizePath = '/oauth2/v2.0/authorize'

/** Where people sign in. Below the authority at Microsoft; the sandbox's pages are elsewhere. */
async function pagesOf(application: MicrosoftApplication): Promise<string> {
  try {
    const asked = await makeClient(application).getAuthCodeUrl({ scopes: scopesOf('connect', application), redirectUri: redirectUri() })
    const { origin, pathname } = new URL(asked)
    return `${origin}${pathname.slice(0, pathname.lastIndexOf(authorizePath))}`
  } catch {
    const { origin, pathname } = new URL(application.authority)
    return pathname === '/' ? `${origin}/organizations` : application.authority
  }
}

/** A need that is known already stays as it is, so that a link sent yesterday still counts; a consent given after `refusedAt` stays, too. */
export async function noteAdminConsentNeeded(db: Db, { tenantId }: Pick<Actor, 'tenantId'>, purpose: Purpose, refusedAt = now()): Promise<void> {
  const fields = { neededAt: now(), grantedAt: null }
  await db
    .insert(microsoft365AdminConsents)
    .values({ tenantId, purpose, ...fields })
    .onConflictDoUpdate({
      target: [microsoft365AdminConsents.tenantId, microsoft365AdminConsents.purpose],
      set: fields,
      setWhere: lte(microsoft365AdminConsents.grantedAt, refusedAt),
    })
}

/** What Microsoft sends an administrator's browser back with. A refusal says `admin_consent=True`, too. */
export const adminConsentParameters = z.object({
  state: z.string().max(500).default(''),
  admin_consent: z.string().max(10).default(''),
  tenant: z.string().max(100).default(''),
  error: z.string().max(200).optional(),
})

/**
 * The administrator's browser came back: it holds no session of ours, and what it brings is taken as news, never as a right. True when
 * the consent is noted, now or before; a link of an earlier need notes nothing.
 */
export async function noteAdminConsent(db: Db, { state, admin_consent, tenant, error }: z.output<typeof adminConsentParameters>): Promise<boolean> {
  const isGiven = admin_consent.toLowerCase() === 'true' && error === undefined
  const need = needOf(state)
  if (!isGiven || !need || !/^[\w.-]{1,100}$/.test(tenant)) return false
  const asAsked = and(
    eq(microsoft365AdminConsents.tenantId, need.tenantId),
    eq(microsoft365AdminConsents.purpose, need.purpose),
    eq(microsoft365AdminConsents.neededAt, need.neededAt),
  )
  await db
    .update(microsoft365AdminConsents)
    .set({ microsoftTenantId: tenant, grantedAt: now() })
    .where(and(asAsked, isNull(microsoft365AdminConsents.grantedAt)))
  const [noted] = await db.select({ grantedAt: microsoft365AdminConsents.grantedAt }).from(microsoft365AdminConsents).where(asAsked)
  return noted?.grantedAt != null
}

const mark = 'admin-consent'

/** Whether a callback is an administrator's, and no person's who connects a mailbox. */
export const isAdminConsentState = (state: string) => state.startsWith(`${mark}.`)

const factsIn = ({ tenantId, purpose, neededAt }: Need) => `${tenantId}.${purpose}.${neededAt.getTime()}`
const signatures = (facts: string) => derivedKeys(mark).map(key => createHmac('sha256', key).update(facts).digest('base64url'))
const stateFor = (need: Need) => `${mark}.${factsIn(need)}.${signatures(factsIn(need))[0]}`

function needOf(state: string): Need | null {
  const [prefix, tenantId = '', purpose = '', neededAt = '', signature = ''] = state.split('.')
  if (prefix !== mark || (purpose !== 'connect' && purpose !== 'graph')) return null
  const need = { tenantId, purpose, neededAt: new Date(Number(neededAt)) } as const
  return signatures(`${tenantId}.${purpose}.${neededAt}`).some(expected => isSameSecret(signature, expected)) ? need : null
}
