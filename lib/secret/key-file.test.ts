import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readOrMakeKeys } from './key-file'

const folders = 400

/** Another process that reads each file as soon as it is there, and says which were not whole. */
const reader = `
  const { existsSync, readFileSync } = require('node:fs')
  const torn = []
  console.log('ready')
  for (let count = 0; count < ${folders}; count++) {
    const file = process.argv[1] + '/' + count + '/keys'
    while (!existsSync(file));
    if (readFileSync(file, 'utf8').length !== 54) torn.push(count)
  }
  console.log(JSON.stringify(torn))
`

test('who starts beside the process that makes the keys finds them whole, or not at all', { timeout: 60_000 }, async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'posthorn-keys-'))
  const child = spawn(process.execPath, ['-e', reader, root], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    let said = ''
    child.stdout.on('data', chunk => {
      said += chunk
    })
    const ended = once(child, 'close')
    await once(child.stdout, 'data')
    for (let count = 0; count < folders; count++) readOrMakeKeys(path.join(root, String(count)))
    await ended
    expect(said.trim().split('\n')).toEqual(['ready', '[]'])
  } finally {
    child.kill() // it looks for files until it has found them all
    rmSync(root, { recursive: true })
  }
})

test('the keys are made once, for their owner alone, and nothing lies beside them', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'posthorn-keys-'))
  try {
    const folder = path.join(root, 'data')
    const made = readOrMakeKeys(folder)
    expect(made).toMatch(/^[0-9a-f]{8}:[A-Za-z0-9+/]{43}=\n$/)
    expect(readOrMakeKeys(folder)).toBe(made)
    expect(readdirSync(folder)).toEqual(['keys'])
    expect(statSync(path.join(folder, 'keys')).mode & 0o777).toBe(0o600)
  } finally {
    rmSync(root, { recursive: true })
  }
})
