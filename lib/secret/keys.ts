import { hkdfSync } from 'node:crypto'
import { env } from '@/lib/env'
import { WrongSettings } from '@/lib/setting/wrong-settings'
import { readOrMakeKeys } from './key-file'

type SealingKey = { id: string; bytes: Buffer }

let loaded: { text: string; keys: SealingKey[] } | undefined

/**
 * The sealing keys: the first seals, all open. From `POSTHORN_KEYS` (`id:base64,id:base64`), else from
 * `keys` in the data directory, which is made with mode 0600 when missing.
 * @throws WrongSettings when a key is not 32 bytes, or when no key is set and PostgreSQL is used: machines must share them
 */
export function sealingKeys(): SealingKey[] {
  const text = env.sealingKeys ?? loaded?.text ?? keysOnDisk()
  if (loaded?.text !== text) loaded = { text, keys: parseKeys(text) }
  return loaded.keys
}

/** A key derived for one purpose (sessions, server actions), 32 bytes. Changes only when the first key does. */
export function derivedKey(purpose: string): Buffer {
  const [first] = derivedKeys(purpose)
  if (!first) throw new Error('POSTHORN_KEYS is empty')
  return first
}

/** The same from each of the sealing keys, to check what was signed before a new one came in front. */
export const derivedKeys = (purpose: string): Buffer[] =>
  sealingKeys().map(key => Buffer.from(hkdfSync('sha256', key.bytes, Buffer.alloc(0), `posthorn ${purpose}`, 32)))

function parseKeys(text: string): SealingKey[] {
  return text
    .trim()
    .split(/[\s,]+/)
    .map(part => {
      const [id = '', base64 = ''] = part.split(':')
      const bytes = Buffer.from(base64, 'base64')
      if (!/^[\w-]{1,16}$/.test(id) || bytes.length !== 32) throw new WrongSettings('POSTHORN_KEYS must be id:base64 pairs of 32 bytes each')
      return { id, bytes }
    })
}

function keysOnDisk(): string {
  if (env.database.dialect === 'postgres') throw new WrongSettings('With PostgreSQL set POSTHORN_KEYS: every machine must open the same seals')
  return readOrMakeKeys(env.dataDir)
}
