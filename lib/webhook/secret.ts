import { randomBytes } from 'node:crypto'
import { Webhook as Signer } from 'standardwebhooks'
import type { Webhook } from '@/db/schema'
import { now } from '@/lib/clock'
import { open, type Place, seal } from '@/lib/secret/seal'

type Owned = Pick<Webhook, 'id' | 'tenantId'>

export const secretPlace = ({ id, tenantId }: Owned): Place => ({ table: 'webhook', column: 'secret_sealed', tenantId, rowId: id })
export const previousSecretPlace = ({ id, tenantId }: Owned): Place => ({ table: 'webhook', column: 'previous_secret_sealed', tenantId, rowId: id })

/** A new secret as Standard Webhooks writes it, to be shown once. */
export const makeSecret = () => `whsec_${randomBytes(32).toString('base64')}`

export const sealSecret = (webhook: Owned, secret: string) => seal(secret, secretPlace(webhook))

/** The secret in use, sealed anew for the place of the one before it. */
export const sealAsPrevious = (webhook: Webhook) => seal(open(webhook.secretSealed, secretPlace(webhook)), previousSecretPlace(webhook))

/** The headers of Standard Webhooks. While a secret is being changed both sign, and the receiver may know either. */
export function signedHeaders(webhook: Webhook, { id, body }: { id: string; body: string }): Record<string, string> {
  const at = now()
  const secrets = [open(webhook.secretSealed, secretPlace(webhook))]
  if (webhook.previousSecretSealed && webhook.previousUntil && webhook.previousUntil > at)
    secrets.push(open(webhook.previousSecretSealed, previousSecretPlace(webhook)))
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map(secret => new Signer(secret).sign(id, at, body)).join(' '),
  }
}
