import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'

/** Runs a command with its output shown. @returns whether it succeeded */
export function run(command, args, env = {}) {
  return spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env } }).status === 0
}

/** Installs the packages of the lock file unless that very lock is installed already. */
export function installPackages() {
  const stamp = 'node_modules/.posthorn-lock'
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(stamp) ? readFileSync(stamp, 'utf8') === wanted : isInstalledByHand()) return
  console.log('Installing packages …')
  if (!run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'])) throw new Error('npm ci failed: see above')
  mkdirSync('node_modules', { recursive: true })
  writeFileSync(stamp, wanted)
}

/** Somebody ran `npm ci`: npm's own note of what it installed is not older than the lock. */
function isInstalledByHand() {
  const note = 'node_modules/.package-lock.json'
  return existsSync(note) && statSync(note).mtimeMs >= statSync('package-lock.json').mtimeMs
}
