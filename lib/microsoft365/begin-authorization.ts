import { createHash, randomBytes } from 'node:crypto'
import { lte } from 'drizzle-orm'
import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type PendingAuthorization, pendingAuthorizations } from '@/db/schema'
import type { Actor } from '@/lib/actor/actor'
import { requireCard } from '@/lib/card/require-card'
import { after, minutes, now } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { type Place, seal } from '@/lib/secret/seal'
import { findApplication, makeClient, redirectUri, scopesOf } from './application'
import { assertMayConnect } from './assert-may-connect'
import { wantedNameOf } from './connection'

const usableForMs = minutes(10)

/** What is kept of the state in place of it; hexadecimal. */
export const hashOf = (state: string) => createHash('sha256').update(state).digest('hex')

export const verifierPlace = ({ stateHash, tenantId }: Pick<PendingAuthorization, 'stateHash' | 'tenantId'>): Place => ({
  table: 'pending_authorization',
  column: 'verifier_sealed',
  tenantId,
  rowId: stateHash,
})

type BeginInput = { code: string; sessionId: string; purpose?: PendingAuthorization['purpose'] }

/**
 * The address at Microsoft where a person signs in and consents for this card. What comes back counts only in this very session,
 * once, and for ten minutes.
 * @throws Refusal `notAdmin`, `cardNotFound`, `microsoftNotConfigured`, and those of `assertMayConnect`
 */
export async function beginAuthorization(db: Db, actor: Actor, { code, sessionId, purpose = 'connect' }: BeginInput): Promise<string> {
  const card = await requireCard(db, actor, code)
  await assertMayConnect(db, actor, card.id)
  const application = await findApplication(db)
  if (!application) throw new Refusal('microsoftNotConfigured')
  const hint = (await wantedNameOf(db, card.id)) ?? card.email
  const [state, nonce, verifier] = [randomText(), randomText(), randomText()]
  const url = await authorizeUrl(application, { purpose, state, nonce, verifier, hint })
  const [stateHash, at] = [hashOf(state), now()]
  const row: PendingAuthorization = {
    stateHash,
    sessionId,
    tenantId: actor.tenantId,
    cardId: card.id,
    purpose,
    nonce,
    verifierSealed: seal(verifier, verifierPlace({ stateHash, tenantId: actor.tenantId })),
    createdAt: at,
    expiresAt: after(at, usableForMs),
  }
  await atomically(db, tx => [tx.delete(pendingAuthorizations).where(lte(pendingAuthorizations.expiresAt, at)), tx.insert(pendingAuthorizations).values(row)])
  return url
}

type Asked = { purpose: PendingAuthorization['purpose']; state: string; nonce: string; verifier: string; hint: string | null }

/** @throws Refusal `microsoftUnavailable` when Microsoft does not say where to sign in */
async function authorizeUrl(application: Parameters<typeof makeClient>[0], { purpose, state, nonce, verifier, hint }: Asked): Promise<string> {
  try {
    const url = await makeClient(application).getAuthCodeUrl({
      scopes: scopesOf(purpose, application),
      redirectUri: redirectUri(),
      state,
      nonce,
      codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
      codeChallengeMethod: 'S256',
      prompt: 'select_account',
    })
    return hint ? `${url}&login_hint=${encodeURIComponent(hint)}` : url // msal leaves the hint out where the account is to be chosen
  } catch {
    throw new Refusal('microsoftUnavailable')
  }
}

const randomText = () => randomBytes(32).toString('base64url')
