import { randomBytes } from 'node:crypto'
import { Webhook as Signer } from 'standardwebhooks'
import type { Webhook } from '@/db/schema'
import { now } from '@/lib/clock'
import { NoKey, open, type Place, seal } from '@/lib/secret/seal'

const mostOld = 20 // each adds 48 characters to a header

type Owned = Pick<Webhook, 'id' | 'tenantId'>

export const secretPlace = ({ id, tenantId }: Owned): Place => ({ table: 'webhook', column: 'secret_sealed', tenantId, rowId: id })
export const previousSecretPlace = ({ id, tenantId }: Owned): Place => ({ table: 'webhook', column: 'previous_secret_sealed', tenantId, rowId: id })

/** A new secret as Standard Webhooks writes it, to be shown once. */
export const makeSecret = () => `whsec_${randomBytes(32).toString('base64')}`

export const sealSecret = (webhook: Owned, secret: string) => seal(secret, secretPlace(webhook))

/** A secret that still signs beside the newest, until then. */
type OldSecret = { secret: string; until: Date }

/** The secrets before the newest that still sign: whoever makes several within a day may have put any of them into the program. */
function oldSecrets({ previousSecretSealed, previousUntil, ...webhook }: Webhook): OldSecret[] {
  if (!previousSecretSealed || !previousUntil) return []
  const kept = open(previousSecretSealed, previousSecretPlace(webhook))
    .split('\n')
    .map(line => line.split(' '))
    .map(([secret = '', until]) => ({ secret, until: until ? new Date(until) : previousUntil }))
  return kept.filter(({ until }) => until > now())
}

/** The secret in use, sealed among those before it as the newest of them; null when no key opens them, so that none of them can sign any more. */
export function sealAmongOld(webhook: Webhook, until: Date): string | null {
  try {
    const kept = [{ secret: open(webhook.secretSealed, secretPlace(webhook)), until }, ...oldSecrets(webhook)].slice(0, mostOld)
    return seal(kept.map(({ secret, until }) => `${secret} ${until.toISOString()}`).join('\n'), previousSecretPlace(webhook))
  } catch (error) {
    if (error instanceof NoKey) return null
    throw error
  }
}

/** The headers of Standard Webhooks. While a secret is being changed each of them signs, and the receiver may know any. */
export function signedHeaders(webhook: Webhook, { id, body }: { id: string; body: string }): Record<string, string> {
  const at = now()
  const secrets = [open(webhook.secretSealed, secretPlace(webhook)), ...oldSecrets(webhook).map(({ secret }) => secret)]
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map(secret => new Signer(secret).sign(id, at, body)).join(' '),
  }
}
