import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

export type HostileInput = { id: string; field: string; payload?: string; payload_hex?: string; recipe?: string; expect: string }

/** Inputs that were made to break mail software, read by path; null where CORPORA_DIR has none. */
export function readHostileInputs(): HostileInput[] | null {
  const file = path.join(process.env.CORPORA_DIR ?? '../shared/corpora', 'hostile/hostile-inputs.public.jsonl')
  if (!existsSync(file)) return null
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}
