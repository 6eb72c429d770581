import { createHmac, timingSafeEqual } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { microsoft365AdminConsents } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { now } from '@/lib/clock'
import { derivedKey } from '@/lib/secret/keys'
import { findApplication, type MicrosoftApplication, makeClient, redirectUri, scopesOf } from './application'

/** A company whose Microsoft administrator has to consent before its users can. */
export type AdminConsent = { link: string | null; neededAt: Date | null; grantedAt: Date | null } // link null: none is needed, or no application is registered

export async function getAdminConsent(db: Db, actor: Actor): Promise<AdminConsent> {
  const [row] = await db.select().from(microsoft365AdminConsents).where(eq(microsoft365AdminConsents.tenantId, actor.tenantId))
  return {
    link: row?.neededAt && !row.grantedAt ? await adminConsentLink(db, actor) : null,
    neededAt: row?.neededAt ?? null,
    grantedAt: row?.grantedAt ?? null,
  }
}

/** The address to send to the administrator of the organisation. It names the company, so that we hear which one agreed. */
async function adminConsentLink(db: Db, { tenantId }: Actor): Promise<string | null> {
  const application = await findApplication(db)
  if (!application) return null
  const url = new URL(`${await pagesOf(application)}/organizations/v2.0/adminconsent`)
  url.searchParams.set('client_id', application.clientId)
  url.searchParams.set('redirect_uri', redirectUri())
  url.searchParams.set('scope', scopesOf('connect', application)[0] ?? '')
  url.searchParams.set('state', stateFor(tenantId))
  return url.href
}

/** Where people sign in. The same host as the tokens' at Microsoft; the sandbox's pages are elsewhere. */
async function pagesOf(application: MicrosoftApplication): Promise<string> {
  try {
    const url = await makeClient(application).getAuthCodeUrl({ scopes: scopesOf('connect', application), redirectUri: redirectUri() })
    return new URL(url).origin
  } catch {
    return new URL(application.authority).origin
  }
}

export async function noteAdminConsentNeeded(db: Db, { tenantId }: Actor): Promise<void> {
  const fields = { neededAt: now(), grantedAt: null }
  await db
    .insert(microsoft365AdminConsents)
    .values({ tenantId, ...fields })
    .onConflictDoUpdate({ target: microsoft365AdminConsents.tenantId, set: fields })
}

/** The administrator's browser came back: it holds no session of ours, and what it brings is taken as news, never as a right. */
export async function noteAdminConsent(db: Db, { state, microsoftTenantId }: { state: string; microsoftTenantId: string }): Promise<boolean> {
  const tenantId = tenantOf(state)
  if (!tenantId || !/^[\w.-]{1,100}$/.test(microsoftTenantId)) return false
  const noted = await db
    .update(microsoft365AdminConsents)
    .set({ microsoftTenantId, grantedAt: now() })
    .where(eq(microsoft365AdminConsents.tenantId, tenantId))
    .returning({ tenantId: microsoft365AdminConsents.tenantId })
  return noted.length > 0
}

const mark = 'admin-consent'
const sign = (tenantId: string) => createHmac('sha256', derivedKey('admin-consent')).update(tenantId).digest('base64url')
const stateFor = (tenantId: string) => `${mark}.${tenantId}.${sign(tenantId)}`

function tenantOf(state: string): string | null {
  const [prefix, tenantId = '', signature = ''] = state.split('.')
  const expected = sign(tenantId)
  const isOurs = prefix === mark && signature.length === expected.length && timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
  return isOurs ? tenantId : null
}
