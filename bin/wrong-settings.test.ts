import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { poolOf } from '@/db/client'
import { env } from '@/lib/env'
import { isPostgres, testDb } from '@/lib/testing/database'
import { freePort } from '@/lib/testing/free-port'

const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-wrong-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Ended = { exitCode: number | string | null | undefined; output: string }

/** A program as an operator starts it; it ends by itself. */
const start = (words: string[], settings: Record<string, string>) =>
  new Promise<Ended>(resolve => {
    const environment = { ...process.env, NODE_ENV: 'production' as const, DATA_DIR: folder, LOG_LEVEL: 'info', ...settings }
    execFile(process.execPath, ['bin/run.mjs', ...words], { env: environment, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ exitCode: error ? error.code : 0, output: stdout + stderr }),
    )
  })

const databaseOfTest = () => ({ DATABASE_URL: env.database.dialect === 'postgres' ? env.database.url : env.database.file })

test.skipIf(isPostgres).each(['engine', 'web', 'prepare', 'posthorn doctor'])(
  '%s, set up wrong, ends with a sentence: no stack, and no password',
  async words => {
    expect(await start(words.split(' '), { RELAY_URL: 'smtps://user:Pa/ss1w@127.0.0.1:465' })).toEqual({
      exitCode: 1,
      output: 'RELAY_URL is not a URL; write / ? @ # : % in its password percent-encoded\n',
    })
  },
)

test.skipIf(isPostgres).each(['engine', 'web', 'posthorn doctor'])('%s says everything that is wrong, in a line for each setting', async words => {
  expect(await start(words.split(' '), { PORT: 'abc', LOG_LEVEL: 'loud', SMTP_EXTRA_PORTS: '99-1' })).toEqual({
    exitCode: 1,
    output: [
      'PORT must be a port, 0 to 65535',
      'SMTP_EXTRA_PORTS: "99-1" is neither a port nor a range',
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent\n',
    ].join('\n'),
  })
})

test.each(['engine', 'web'])('%s on a database that was never migrated says what to run', async program => {
  expect(await start([program], {})).toEqual({ exitCode: 1, output: 'The tables are missing. Run: npm run -s posthorn -- migrate\n' })
})

test.each(['engine', 'web'])('%s on tables of an older build begins nothing with them', async program => {
  await using db = await testDb()
  const older = isPostgres ? 'update drizzle.__drizzle_migrations set created_at = 1' : 'update __drizzle_migrations set created_at = 1'
  await (isPostgres ? poolOf(db).query(older) : db.$client.exec(older))
  expect(await start([program], databaseOfTest())).toEqual({
    exitCode: 1,
    output: 'The tables are those of an older build. Run: npm run -s posthorn -- migrate\n',
  })
})

test.each(['engine', 'web', 'prepare', 'posthorn doctor'])('%s without a way to its database says what the system said', async words => {
  const port = await freePort()
  expect(await start(words.split(' '), { DATABASE_URL: `postgres://u:Pa-ss1w@localhost:${port}/posthorn` })).toEqual({
    exitCode: 1,
    output: expect.stringMatching(/^The database cannot be used: (connect )?ECONNREFUSED[^\n]*\n$/),
  })
})

test.each([
  ['web', 'PORT'],
  ['engine', 'SANDBOX_SMTP_PORT'],
])('%s, whose port another program has, ends with the name of the setting', async (program, setting) => {
  await using _db = await testDb()
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const ports = { API_PORT: '0', SUBMISSION_PORT: '0', SUBMISSIONS_PORT: '0' }
  expect(await start([program], { ...databaseOfTest(), ...ports, [setting]: String(port) })).toEqual({
    exitCode: 1,
    output: `${setting} ${port} is in use: stop what has it, or set ${setting} to another port\n`,
  })
  other.close()
})

test.skipIf(isPostgres).each(['engine', 'web', 'prepare', 'posthorn doctor', 'posthorn migrate'])('%s, whose DATA_DIR is no folder, says so', async words => {
  const { exitCode, output } = await start(words.split(' '), { DATA_DIR: 'README.md', DATABASE_URL: '' })
  expect(exitCode).toBe(1)
  expect(output).toMatch(/^(DATA_DIR, or a file that was named, cannot be used: E[^\n]*|There is no database [^\n]*)\n$/)
})

test('web, whose pages nobody has built, says what to run', async () => {
  await using _db = await testDb()
  expect(await start(['web'], { ...databaseOfTest(), PORT: '0', NEXT_DIST_DIR: 'dist/never-built' })).toEqual({
    exitCode: 1,
    output: expect.stringMatching(/^([^\n]*next\.config[^\n]*\n)?The pages are not built\. Run: npm run build\n$/),
  })
})

test.each([
  [{ LISTEN_ADDRESS: '203.0.113.1' }, 'LISTEN_ADDRESS 203.0.113.1 is not an address of this machine'],
  [
    { SUBMISSION_TLS_KEY_FILE: '/nowhere/key.pem', SUBMISSION_TLS_CERT_FILE: '/nowhere/cert.pem' },
    'SUBMISSION_TLS_KEY_FILE names /nowhere/key.pem, which cannot be read: ENOENT',
  ],
  [
    { SUBMISSION_TLS_KEY_FILE: 'README.md', SUBMISSION_TLS_CERT_FILE: 'README.md' },
    'SUBMISSION_TLS_KEY_FILE and SUBMISSION_TLS_CERT_FILE are not a key and its certificate in PEM',
  ],
])('an engine that cannot open its ways in with %j ends with a sentence', async (settings, sentence) => {
  await using _db = await testDb()
  const ports = { API_PORT: '0', SUBMISSION_PORT: '0', SUBMISSIONS_PORT: '0', LOG_LEVEL: 'error' }
  expect(await start(['engine'], { ...databaseOfTest(), ...ports, ...settings })).toEqual({
    exitCode: 1,
    output: expect.stringMatching(new RegExp(`^(oidc-provider WARNING[^\n]*\n)?${sentence}\n$`)),
  })
})

test.each(['engine', 'web'])('%s does not begin with keys that seal nothing', async program => {
  expect(await start([program], { POSTHORN_KEYS: 'k1:abc' })).toEqual({ exitCode: 1, output: 'POSTHORN_KEYS must be id:base64 pairs of 32 bytes each\n' })
  if (isPostgres)
    expect(await start([program], { POSTHORN_KEYS: '' })).toEqual({
      exitCode: 1,
      output: 'With PostgreSQL set POSTHORN_KEYS: every machine must open the same seals\n',
    })
})
