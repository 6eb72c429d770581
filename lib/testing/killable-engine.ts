import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { compile } from '@/bin/compile.mjs'
import { env } from '@/lib/env'

export type KillableEngine = AsyncDisposable & { id: string; kill(): Promise<void>; ready: Promise<unknown>; log(): string } // log: what it calls an error

export type KillableEngines = Disposable & { start(relayPort: number, environment?: Record<string, string>): KillableEngine }

/** Compiles the engine that tests kill, as the real one is compiled: then it has its threads. `start` runs one on the database of this test. */
export async function compileKillableEngine(): Promise<KillableEngines> {
  const cache = 'node_modules/.cache/posthorn' // where it finds its packages
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(`${cache}/engine-`)
  await compile(folder, ['bin/killable-engine.ts'])
  const file = path.resolve(folder, 'bin/killable-engine.mjs')
  return {
    start: (relayPort, environment = {}) => start(file, relayPort, environment),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** In a process of its own, to be killed like by a power cut. */
function start(file: string, relayPort: number, environment: Record<string, string>): KillableEngine {
  const url = env.database.dialect === 'postgres' ? env.database.url : env.database.file
  const child = fork(file, [String(relayPort)], {
    env: { ...process.env, DATABASE_URL: url, LOG_LEVEL: 'error', POSTHORN_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`, ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const said: string[] = []
  child.stdout?.on('data', chunk => void said.push(String(chunk)))
  const exited = once(child, 'exit')
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  }
  const ready = Promise.race([once(child, 'message'), exited.then(() => Promise.reject(new Error('an engine ended before it began')))])
  ready.catch(() => undefined) // one that is killed without being waited for
  return { id: `killed-${child.pid}`, kill, ready, log: () => said.join(''), [Symbol.asyncDispose]: kill }
}
