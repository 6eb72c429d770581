import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The rows of a file of JSON lines below CORPORA_DIR, where it is; null where it is not. None of them is in the repository. */
export function readCorpus<Row>(file: string): Row[] | null {
  const found = path.join(process.env.CORPORA_DIR ?? '../shared/corpora', file)
  if (!existsSync(found)) return null
  return readFileSync(found, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Row)
}

/** The same for a program that has nothing to do without them. */
export function requireCorpus<Row>(file: string): Row[] {
  const rows = readCorpus<Row>(file)
  if (rows) return rows
  console.log(`CORPORA_DIR has no ${file}: nothing to score`)
  process.exit(0)
}
