import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { sealingKeys } from './keys'

/** Where a secret is kept. It opens nowhere else: a sealed value copied to another row, company or server is dead. */
export type Place = { table: string; column: string; tenantId: string; rowId: string; boundTo?: readonly (string | number | null)[] }

/** This process has not the key that a secret was sealed with: its operator's to mend, and nobody else's. */
export class NoKey extends Error {}

/** Seals a secret with AES-256-GCM: `v1.<key id>.<nonce>.<tag>.<ciphertext>`, base64url. */
export function seal(plain: string, place: Place): string {
  const [key] = sealingKeys()
  if (!key) throw new Error('No sealing key')
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce).setAAD(additionalData(place))
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return ['v1', key.id, ...[nonce, cipher.getAuthTag(), sealed].map(part => part.toString('base64url'))].join('.')
}

/**
 * Opens what `seal` made for the very same place.
 * @throws NoKey when the key is unknown; Error when the place is another, or a bit has changed
 */
export function open(sealed: string, place: Place): string {
  const [version, keyId, nonce = '', tag = '', ciphertext = ''] = sealed.split('.')
  const key = sealingKeys().find(candidate => candidate.id === keyId)
  if (version !== 'v1' || !key) throw new NoKey(`No key opens a seal of ${place.table}.${place.column}`)
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(nonce, 'base64url'), { authTagLength: 16 })
    .setAAD(additionalData(place))
    .setAuthTag(Buffer.from(tag, 'base64url'))
  return Buffer.concat([decipher.update(Buffer.from(ciphertext, 'base64url')), decipher.final()]).toString('utf8')
}

const additionalData = ({ table, column, tenantId, rowId, boundTo = [] }: Place) => Buffer.from(JSON.stringify([table, column, tenantId, rowId, ...boundTo]))
