import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
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
  const DATABASE_URL = env.database.dialect === 'postgres' ? env.database.url : env.database.file
  expect(await start([program], { DATABASE_URL })).toEqual({
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

test.each(['engine', 'web'])('%s does not begin with keys that seal nothing', async program => {
  expect(await start([program], { POSTHORN_KEYS: 'k1:abc' })).toEqual({ exitCode: 1, output: 'POSTHORN_KEYS must be id:base64 pairs of 32 bytes each\n' })
  if (isPostgres)
    expect(await start([program], { POSTHORN_KEYS: '' })).toEqual({
      exitCode: 1,
      output: 'With PostgreSQL set POSTHORN_KEYS: every machine must open the same seals\n',
    })
})
