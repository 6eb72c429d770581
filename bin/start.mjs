import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { buildPages } from './build.mjs'
import { compilePrograms } from './compile.mjs'
import { installPackages } from './install.mjs'

/**
 * `npm start`: installs and builds what is missing, prepares the data directory, then keeps one web and one engine
 * running until Ctrl-C. Whichever dies is started again; the log says so. Where one of them cannot begin, all end.
 */
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
installPackages()
buildPages()
const programs = await compilePrograms()

const { sandboxCertificate } = await import('./sandbox-certificate.mjs') // its library is there only now
const certificate = await sandboxCertificate(process.env).catch(error => {
  console.error(`DATA_DIR cannot be used: ${error.message}`)
  process.exit(1)
})
const environment = { ...process.env, ...certificate, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
const children = new Map()
const begun = new Set()
let isStopping = false
let isPrepared = false
process.on('SIGINT', () => stop())
process.on('SIGTERM', () => stop())

keepRunning('web') // loads its code meanwhile, and waits for the word
const prepared = await prepare()
if (!prepared) await stop(1)
isPrepared = true
children.get('web')?.send('prepared')
keepRunning('engine')

/** Brings the database up to date. Gives the mode and the set-up code; null when that failed and was said. */
function prepare() {
  const child = spawn(...node('prepare'), { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  children.set('prepare', child)
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
  })
  return new Promise(resolve => {
    child.once('close', code => {
      children.delete('prepare')
      resolve(code === 0 ? JSON.parse(said.trim().split('\n').at(-1)) : null)
    })
  })
}

function keepRunning(name, failures = 0) {
  const startedAt = Date.now()
  const child = spawn(...node(name), { env: environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  children.set(name, child)
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', line => console.log(labelled(name, line)))
  if (isPrepared) child.send('prepared')
  child.on('message', message => {
    if (!message.ready) return
    if (name === 'web' && !begun.has(name)) sayHowToSignIn(message.url)
    begun.add(name)
  })
  child.once('exit', () => children.delete(name))
  child.once('close', (code, signal) => {
    if (isStopping) return
    if (!begun.has(name)) return stop(1) // it has said what is wrong with this machine or its settings, and would say it again
    const lived = Date.now() - startedAt
    const inARow = lived > 30_000 ? 0 : failures + 1
    if (inARow > 5) {
      console.error(`${name} ended ${inARow} times in a row; giving up. See its last lines above.`)
      return stop(1)
    }
    const waitMs = Math.min(250 * 2 ** inARow, 10_000)
    console.error(`${name} ended (${signal ?? `exit code ${code}`}) after ${Math.round(lived / 1000)} s; starting it again in ${waitMs} ms`)
    setTimeout(() => isStopping || keepRunning(name, inARow), waitMs)
  })
}

async function stop(exitCode = 0) {
  if (isStopping) return
  isStopping = true
  const ended = [...children.values()].map(child => new Promise(resolve => child.once('exit', resolve)))
  for (const child of children.values()) child.kill('SIGTERM')
  const late = setTimeout(() => {
    for (const child of children.values()) child.kill('SIGKILL')
  }, 75_000) // an engine waits a minute for the answer to what it has handed over
  await Promise.all(ended)
  clearTimeout(late)
  process.exit(exitCode)
}

/** Whose line it is: JSON stays JSON, for whatever collects it. */
function labelled(name, line) {
  return line.startsWith('{') && line.endsWith('}') ? `{"process":"${name}",${line.slice(1)}` : `${name.padEnd(6)} ${line}`
}

function node(name) {
  return [process.execPath, [path.join(programs, `bin/${name}.mjs`)]]
}

function sayHowToSignIn(address) {
  const { mode, setupCode } = prepared
  const howToSignIn =
    mode === 'sandbox'
      ? `  A sandbox: nothing leaves this machine. Open ${address}/login and sign in with one click\n  as JAN (admin), ANNA or PIOTR. What was "sent" is at ${address}/sandbox`
      : setupCode
        ? `  Not set up yet. Open ${address}/setup and type this code, once: ${setupCode}`
        : `  Sign in at ${address}/login`
  console.log(`\n  Posthorn is at ${address}\n${howToSignIn}\n  Ctrl-C stops it.\n`)
}
