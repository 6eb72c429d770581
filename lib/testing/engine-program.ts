import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { env } from '@/lib/env'
import { certificateFor } from './certificate'
import { freePort } from './free-port'

export type EngineProgram = {
  output: () => string
  apiPort: number
  doorPort: number
  pid: () => number
  start(): Promise<void>
  isRunning: () => boolean
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
} & AsyncDisposable

/** The engine as an operator starts it, live, on the database of this test and on ports of its own, relaying to one of this machine. */
export async function engineProgram(relayPort: number, { logLevel = 'error' } = {}): Promise<EngineProgram> {
  const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-engine-'))
  const { key, cert } = await certificateFor(['localhost'])
  const [keyFile, certFile] = [path.join(folder, 'door.key'), path.join(folder, 'door.pem')]
  writeFileSync(keyFile, key)
  writeFileSync(certFile, cert)
  const [apiPort, starttlsPort, doorPort, eventPort] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const environment = {
    ...process.env,
    NODE_ENV: 'production' as const,
    DATA_DIR: folder,
    DATABASE_URL: env.database.dialect === 'postgres' ? env.database.url : env.database.file,
    POSTHORN_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    RELAY_URL: `smtp://127.0.0.1:${relayPort}?tls=none`,
    APP_URL: 'https://mail.acme.test',
    LISTEN_ADDRESS: '127.0.0.1',
    API_PORT: String(apiPort),
    SUBMISSION_PORT: String(starttlsPort),
    SUBMISSIONS_PORT: String(doorPort),
    EVENT_PORT: String(eventPort),
    SUBMISSION_TLS_KEY_FILE: keyFile,
    SUBMISSION_TLS_CERT_FILE: certFile,
    SMTP_ALLOW_CIDRS: '127.0.0.0/8',
    SMTP_EXTRA_PORTS: '1024-65535',
    LOG_LEVEL: logLevel,
  }
  let child: ReturnType<typeof spawn> | null = null
  let said = ''
  const program: EngineProgram = {
    output: () => said,
    apiPort,
    doorPort,
    pid: () => child?.pid ?? 0,
    async start() {
      child = spawn(process.execPath, ['bin/run.mjs', 'engine'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
      for (const port of [apiPort, doorPort]) await untilListening(port, child)
    },
    isRunning: () => child !== null && child.exitCode === null && child.signalCode === null,
    async end(signal) {
      if (!child || !program.isRunning()) return
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
    async [Symbol.asyncDispose]() {
      await program.end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return program
}

async function untilListening(port: number, child: ReturnType<typeof spawn>): Promise<void> {
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error('an engine ended before it listened')
    await wait(50)
  }
}

const isListening = (port: number) =>
  new Promise<boolean>(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket
      .once('error', () => resolve(false))
      .once('connect', () => {
        socket.destroy()
        resolve(true)
      })
  })
