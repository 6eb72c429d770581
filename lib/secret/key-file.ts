import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * What is in `keys` of a folder, which is made with mode 0600 when missing: `id:base64` of a new key. Several processes may start at
 * once, so the file has its name only when it is whole and on the disk, and the first one's is everybody's.
 */
export function readOrMakeKeys(folder: string): string {
  const file = path.join(folder, 'keys')
  if (!existsSync(file)) makeKeys(folder, file)
  return readFileSync(file, 'utf8')
}

function makeKeys(folder: string, file: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const bytes = randomBytes(32)
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 8)
  const unfinished = `${file}.${randomBytes(8).toString('hex')}`
  writeFileSync(unfinished, `${id}:${bytes.toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(unfinished, file)
    flushFolder(folder) // what is sealed with a key must not outlive it
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another process was first: its keys hold
  } finally {
    rmSync(unfinished)
  }
}

function flushFolder(folder: string): void {
  const open = openSync(folder, 'r')
  try {
    fsyncSync(open)
  } finally {
    closeSync(open)
  }
}
