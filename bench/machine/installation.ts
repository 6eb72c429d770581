import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { generate } from 'selfsigned'
import { freePort } from '@/lib/testing/free-port'
import { compilePrograms } from '../../bin/compile.mjs'
import { type Child, runScript, startChild, untilListening } from './child'

const engineFlags = process.env.BENCH_ENGINE_FLAGS?.split(' ') ?? [] // --cpu-prof, say

export type Dialect = 'sqlite' | 'postgres'

/** A company of the bench, its cards, and the key its programs send with. */
type BenchCompany = { slug: string; tenantId: string; accountId: string; codes: string[]; key: string }

export type Installation = {
  dialect: Dialect
  env: Record<string, string>
  apiPort: number
  doorPort: number
  flowing: BenchCompany // its mail goes to the sink
  held: BenchCompany // its account is paused: what it hands over is stored and stays
  engine: () => Child
  warmUp(measure: string, work: () => Promise<unknown>): Promise<void> // once for each engine that was started
  pids: () => number[] // ours: the engine, and the database where that is a process
  run(statement: string): Promise<Record<string, unknown>[]>
  restartEngine(): Promise<void>
  stopEngine(): Promise<void>
  stop(): Promise<void>
}

type Wanted = { dialect: Dialect; postgres: { url: string; pid: number } | null; sinkPort: number; cards?: number }

/** An installation of its own in a temporary folder (and a database of its own), relaying to the sink. Its engine runs. */
export async function startInstallation({ dialect, postgres, sinkPort, cards = 1 }: Wanted): Promise<Installation> {
  const folder = mkdtempSync(path.join(tmpdir(), `posthorn-bench-${dialect}-`))
  const url = dialect === 'postgres' ? await newDatabase(postgres?.url ?? '') : path.join(folder, 'posthorn.db')
  const [apiPort, door, doorPort, eventPort] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const certificate = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', algorithm: 'sha256' })
  const [keyFile, certFile] = [path.join(folder, 'door.key'), path.join(folder, 'door.pem')]
  writeFileSync(keyFile, certificate.private, { mode: 0o600 })
  writeFileSync(certFile, certificate.cert)
  const env = {
    NODE_ENV: 'production',
    DATA_DIR: folder,
    DATABASE_URL: url,
    POSTHORN_KEYS: `bench:${Buffer.alloc(32, 5).toString('base64')}`,
    RELAY_URL: `smtp://127.0.0.1:${sinkPort}?tls=none`,
    API_PORT: String(apiPort),
    SUBMISSION_PORT: String(door),
    SUBMISSIONS_PORT: String(doorPort),
    EVENT_PORT: String(eventPort),
    SUBMISSION_TLS_KEY_FILE: keyFile,
    SUBMISSION_TLS_CERT_FILE: certFile,
    LISTEN_ADDRESS: '127.0.0.1',
    SMTP_ALLOW_CIDRS: '127.0.0.0/8',
    SMTP_EXTRA_PORTS: '1024-65535',
    LOG_LEVEL: 'warn',
  }
  const programs = await compilePrograms()
  const prepared = startChild(process.execPath, [path.join(programs, 'bin/prepare.mjs')], env)
  if ((await prepared.ended) !== 0) throw new Error(`prepare: ${prepared.output()}`)
  const { flowing, held } = await runScript<{ flowing: BenchCompany; held: BenchCompany }>('prepare.ts', { cards }, env)
  const database = open(dialect, url)
  let engine: Child | undefined
  const warm = new Set<string>()
  const installation: Installation = {
    dialect,
    env,
    apiPort,
    doorPort,
    flowing,
    held,
    engine: () => engine ?? never(),
    pids: () => [engine?.pid ?? 0, dialect === 'postgres' ? (postgres?.pid ?? 0) : 0],
    run: database.run,
    async warmUp(measure, work) {
      if (warm.has(measure)) return
      await work()
      warm.add(measure)
    },
    async restartEngine() {
      await installation.stopEngine()
      warm.clear()
      engine = startChild(process.execPath, [...engineFlags, path.join(programs, 'bin/engine.mjs')], env)
      if (!(await untilListening(apiPort)) || !(await untilListening(doorPort))) throw new Error(`the engine did not start: ${engine.output()}`)
    },
    async stopEngine() {
      await engine?.stop()
      engine = undefined
    },
    async stop() {
      await installation.stopEngine()
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await installation.restartEngine()
  return installation
}

const never = () => {
  throw new Error('the engine does not run')
}

async function newDatabase(server: string): Promise<string> {
  const name = `bench_${Date.now().toString(36)}`
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  await admin.query(`create database ${name}`)
  await admin.end()
  const url = new URL(server)
  url.pathname = name
  return url.href
}

function open(dialect: Dialect, url: string): { run: Installation['run']; close(): Promise<void> } {
  if (dialect === 'postgres') {
    const pool = new pg.Pool({ connectionString: url, max: 2 })
    return { run: async statement => (await pool.query(statement)).rows, close: () => pool.end() }
  }
  const database = new Database(url)
  database.pragma('busy_timeout = 20000')
  return {
    async run(statement) {
      const prepared = database.prepare(statement)
      if (prepared.reader) return prepared.all() as Record<string, unknown>[]
      prepared.run()
      return []
    },
    async close() {
      database.close()
    },
  }
}
