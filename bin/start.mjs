import { spawn, spawnSync } from 'node:child_process'
import { buildPages } from './build.mjs'
import { installPackages } from './install.mjs'

/**
 * `npm start`: installs and builds what is missing, prepares the data directory, then keeps one web and one engine
 * running until Ctrl-C. Whichever dies is started again; the log says so.
 */
process.chdir(new URL('..', import.meta.url).pathname)
installPackages()
buildPages()

const environment = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
const node = file => [process.execPath, ['--import', 'tsx', file]]

const [command, args] = node('bin/prepare.ts')
const prepared = spawnSync(command, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' })
if (prepared.status !== 0) process.exit(prepared.status ?? 1)
const { mode, setupCode } = JSON.parse(prepared.stdout.trim().split('\n').at(-1))

const children = new Map()
let isStopping = false

function keepRunning(name, file, failures = 0) {
  const startedAt = Date.now()
  const [program, programArgs] = node(file)
  const child = spawn(program, programArgs, { env: environment, stdio: ['ignore', 'inherit', 'inherit'] })
  children.set(name, child)
  child.once('exit', (code, signal) => {
    children.delete(name)
    if (isStopping) return
    const lived = Date.now() - startedAt
    const inARow = lived > 30_000 ? 0 : failures + 1
    if (inARow > 5) {
      console.error(`${name} ended ${inARow} times in a row; giving up. See its last lines above.`)
      return stop(1)
    }
    const waitMs = Math.min(250 * 2 ** inARow, 10_000)
    console.error(`${name} ended (${signal ?? `exit code ${code}`}) after ${Math.round(lived / 1000)} s; starting it again in ${waitMs} ms`)
    setTimeout(() => isStopping || keepRunning(name, file, inARow), waitMs)
  })
}

async function stop(exitCode = 0) {
  if (isStopping) return
  isStopping = true
  const ended = [...children.values()].map(child => new Promise(resolve => child.once('exit', resolve)))
  for (const child of children.values()) child.kill('SIGTERM')
  const late = setTimeout(() => {
    for (const child of children.values()) child.kill('SIGKILL')
  }, 15_000)
  await Promise.all(ended)
  clearTimeout(late)
  process.exit(exitCode)
}

process.on('SIGINT', () => stop())
process.on('SIGTERM', () => stop())

keepRunning('web', 'bin/web.ts')
keepRunning('engine', 'bin/engine.ts')
await sayWhenServed()

/** Says where to go once the first page is really served. */
async function sayWhenServed() {
  const port = process.env.PORT || '3000'
  const address = process.env.APP_URL || `http://localhost:${port}`
  while (!isStopping) {
    const isServed = await fetch(`http://127.0.0.1:${port}/login`, { redirect: 'manual' }).then(
      response => response.status < 500,
      () => false,
    )
    if (isServed) break
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  if (isStopping) return
  const howToSignIn =
    mode === 'sandbox'
      ? `  A sandbox: nothing leaves this machine. Sign in with one click as JAN (admin), ANNA or PIOTR.\n  What was "sent" is at ${address}/sandbox`
      : setupCode
        ? `  Not set up yet. Open ${address}/setup and type this code, once: ${setupCode}`
        : `  Sign in at ${address}/login`
  console.log(`\n  Posthorn is at ${address}\n${howToSignIn}\n  Ctrl-C stops it.\n`)
}
