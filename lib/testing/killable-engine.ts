import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { env } from '@/lib/env'

export type KillableEngine = AsyncDisposable & { id: string; kill(): Promise<void>; ready: Promise<unknown>; log(): string } // log: what it calls an error

/** An engine in a process of its own on the database of this test, to be killed like by a power cut. */
export function startKillableEngine(relayPort: number, file = 'lib/testing/engine-process.ts', environment: Record<string, string> = {}): KillableEngine {
  const url = env.database.dialect === 'postgres' ? env.database.url : env.database.file
  const child = fork(path.resolve(file), [String(relayPort)], {
    execArgv: file.endsWith('.ts') ? ['--import', 'tsx'] : [],
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
