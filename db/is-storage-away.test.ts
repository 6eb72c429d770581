import pg from 'pg'
import { expect, test } from 'vitest'
import { env } from '@/lib/env'
import { changed } from '@/lib/testing/changed'
import { isPostgres, testDb } from '@/lib/testing/database'
import { startSilentProxy } from '@/lib/testing/silent-proxy'
import { closeDb, openDb, poolOf } from './client'
import { isStorageAway } from './is-storage-away'

test.each([
  ['a key that is there already', Object.assign(new Error('duplicate key'), { code: '23505', severity: 'ERROR' }), false],
  ['a statement that is wrong', Object.assign(new Error('no such column'), { code: 'SQLITE_ERROR' }), false],
  ['the same on SQLite', Object.assign(new Error('UNIQUE constraint failed'), { code: 'SQLITE_CONSTRAINT_UNIQUE' }), false],
  ['what is no error', 'SQLITE_FULL', false],
  ['a standby that takes no writes yet', Object.assign(new Error('read-only'), { code: '25006', severity: 'ERROR' }), true],
  ['a server that starts up', Object.assign(new Error('starting up'), { code: '57P03', severity: 'FATAL' }), true],
  ['a server whose certificate is over', Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' }), true],
  ['a certificate of its own making', Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), true],
  ['a server without TLS', new Error('The server does not support SSL connections'), true],
  ['a connection that ended', new Error('Connection terminated unexpectedly'), true],
  ['a disk that does not read, wrapped', new Error('Failed query', { cause: Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' }) }), true],
])('%s', (_what, error, isAway) => {
  expect(isStorageAway(error)).toBe(isAway)
})

test.runIf(isPostgres)('a connection that was cut between two statements', async () => {
  await using _db = await testDb()
  const client = new pg.Client({ connectionString: env.database.url })
  const isCut = new Promise(resolve => client.on('error', resolve))
  await client.connect()
  await client.query('begin')
  const other = new pg.Client({ connectionString: env.database.url })
  await other.connect()
  await other.query('select pg_terminate_backend($1)', [(client as unknown as { processID: number }).processID])
  expect(await isCut).toSatisfy(isStorageAway)
  await expect(client.query('select 1')).rejects.toSatisfy(isStorageAway)
  await other.end()
})

test.runIf(isPostgres)('a server that says nothing for too long, but not to a command of the operator', async () => {
  await using _db = await testDb()
  const { url } = env.database as { url: string }
  Object.assign(env.database, { url: `${url}?answer_timeout=200` })
  const [hurried, patient] = [openDb(), openDb({ isPatient: true })]
  await expect(poolOf(hurried).query('select pg_sleep(0.6)')).rejects.toSatisfy(isStorageAway)
  await expect(poolOf(patient).query('select pg_sleep(0.6)')).resolves.toMatchObject({ rowCount: 1 })
  await closeDb(hurried)
  await closeDb(patient)
})

test.runIf(isPostgres)('a server that takes the connection and then says nothing any more', async () => {
  await using _db = await testDb()
  await using proxy = await startSilentProxy(env.database.url ?? '', { hushAt: 'set random_page_cost' })
  using _far = changed(env.database, { url: `${proxy.url}?answer_timeout=200` })
  const db = openDb()
  await expect(poolOf(db).query('select 1')).rejects.toSatisfy(isStorageAway)
  await closeDb(db)
})
