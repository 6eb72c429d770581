import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { writeOnce } from '@/lib/write-once'

/** What is in `keys` of a folder, which is made with mode 0600 when missing: `id:base64` of a new key. Several processes may start at once. */
export function readOrMakeKeys(folder: string): string {
  const file = path.join(folder, 'keys')
  if (!existsSync(file)) writeOnce(file, newKey(), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}

function newKey(): string {
  const bytes = randomBytes(32)
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 8)
  return `${id}:${bytes.toString('base64')}\n`
}
