import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Makes a file, and its folder, unless there is one. Several processes may do so at once, and any of them may end in the middle:
 * the file has its name only when it is whole and on the disk, and the first one's is everybody's.
 */
export function writeOnce(file: string, text: string, { mode }: { mode: number }): void {
  const folder = path.dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unfinished = `${file}.${randomBytes(8).toString('hex')}`
  writeFileSync(unfinished, text, { mode, flag: 'wx', flush: true })
  try {
    linkSync(unfinished, file)
    flushFolder(folder) // what is made with it must not outlive it
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another process was first
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
