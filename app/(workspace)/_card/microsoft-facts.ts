import { getTranslations } from 'next-intl/server'
import { sentenceOf } from '@/app/_forms/say-refusal'
import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { env } from '@/lib/env'
import { type AdminConsent, listAdminConsents } from '@/lib/microsoft365/admin-consent'
import { findApplication, isSandboxApplication } from '@/lib/microsoft365/application'
import { type ConnectionView, getConnection } from '@/lib/microsoft365/connection'
import { explainOAuthError } from '@/lib/microsoft365/explain-oauth-error'
import { graphServer } from '@/lib/sender/route-facts'
import { getSender } from '@/lib/sender/sender'
import { formatServer } from '@/lib/sender/server-field'
import type { CardQuery } from './card-screen'
import type { MicrosoftFacts, SignInOutcome } from './card-view'

/** What the Microsoft part of a card shows. */
export async function microsoftFacts(db: Db, actor: Actor, { code, query }: { code: string; query: CardQuery }): Promise<MicrosoftFacts> {
  const [application, connection, consents, { mayChange }] = await Promise.all([
    findApplication(db),
    getConnection(db, actor, { code }),
    listAdminConsents(db, actor),
    getSender(db, actor, { code }),
  ])
  return {
    isConfigured: application !== null,
    isSandbox: application !== null && isSandboxApplication(application),
    connection,
    mayMove: mayChange === 'everything' || mayChange === 'login',
    adminConsent: consentFor(connection, consents, query),
    outcome: await outcomeOf(query),
    server: formatServer(env.platform.microsoft365),
    graphHost: graphServer().host,
    notice: env.platform.microsoftPasswordNotice,
  }
}

/** The administrator's consent that this card waits for: none while it sends, and none that somebody else of the company still waits for. */
function consentFor(connection: ConnectionView | null, consents: AdminConsent[], { microsoft365: outcome }: CardQuery): AdminConsent | null {
  const missing = wayInWant(connection)
  const isAsked = outcome === 'adminConsentNeeded'
  const isOfToday = ({ grantedAt }: AdminConsent) =>
    !connection?.brokenAt ||
    (grantedAt ? grantedAt > connection.brokenAt : explainOAuthError({ description: connection.causeText }).cause === 'adminConsentRequired')
  return (
    consents.find(consent => consent.purpose === missing && isOfToday(consent)) ??
    (isAsked ? consents.find(({ grantedAt }) => grantedAt === null) : null) ??
    null
  )
}

/** Which way of sending a card has to be consented to next; null: it has what it needs. SMTP that never took its token may have to give way to Graph. */
function wayInWant(connection: ConnectionView | null): AdminConsent['purpose'] | null {
  if (!connection) return 'connect'
  const { state, via, saslUser } = connection
  if (state === 'reconnectNeeded') return via === 'graph' ? 'graph' : 'connect'
  return via === 'smtp' && saslUser === null ? 'graph' : null
}

const known = ['unknown', 'otherCompany', 'denied', 'adminConsentNeeded', 'refused', 'unavailable', 'incomplete'] as const

async function outcomeOf({ microsoft365: outcome, cause }: CardQuery): Promise<SignInOutcome | null> {
  if (typeof outcome !== 'string' || !/^[a-zA-Z]{1,40}$/.test(outcome)) return null
  const t = await getTranslations('microsoft365')
  if (outcome === 'connected') return { isConnected: true, sentence: t('authenticated') }
  const named = known.find(name => name === outcome)
  const code = typeof cause === 'string' && /^\w{1,40}$/.test(cause) ? cause : 'AADSTS'
  return { isConnected: false, sentence: named ? t(`outcome.${named}`, { cause: code }) : await sentenceOf(outcome) }
}
