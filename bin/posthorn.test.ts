import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { closeDb, openDb, poolOf } from '@/db/client'
import { env } from '@/lib/env'
import { getMode } from '@/lib/installation/mode'
import { findHeldAt } from '@/lib/operate/settle-after-restore'
import { changed } from '@/lib/testing/changed'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { savePassword } from '@/lib/testing/outbox'
import { posthorn } from './posthorn'

test('an operator makes a company and its people, and reads them as lines and as JSON', async () => {
  await using _db = await testDb()
  expect(await posthorn(['company', 'create', '--slug', 'globex', '--name', 'Globex OÜ'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('Company globex is made'),
  })
  expect(await posthorn(['company', 'create', '--slug', 'globex', '--name', 'Other'])).toMatchObject({
    exitCode: 1,
    stderr: 'Another company has the short name globex. Choose another.',
  })
  expect(JSON.parse((await posthorn(['company', 'module', '--company', 'globex', '--mailing', 'on', '--json'])).stdout)).toEqual([
    { slug: 'globex', hasMailingModule: true },
  ])
  expect((await posthorn(['company', 'list'])).stdout.split('\t')).toEqual(['globex', 'Globex OÜ', 'mass mailing'])
  const added = await posthorn(['user', 'add', '--company', 'globex', '--code', 'anna', '--name', 'Anna', '--email', 'anna@globex.test', '--json'])
  expect(JSON.parse(added.stdout)).toMatchObject([{ company: 'globex', code: 'ANNA', firstPassword: expect.stringMatching(/^(\w{5}-){3}\w{5}$/) }])
  expect(await posthorn(['user', 'confirm', '--company', 'globex', '--code', 'ANNA'])).toMatchObject({ exitCode: 0, stdout: 'anna@globex.test is confirmed.' })
  expect((await posthorn(['user', 'list', '--company', 'globex'])).stdout.split('\t')).toEqual(['ANNA', 'Anna', 'anna@globex.test', 'user'])
})

test('a password is piped in, or made and shown once', async () => {
  await using db = await testDb()
  await makeCompany(db, 'globex')
  const password = ['user', 'password', '--company', 'globex', '--code', 'anna']
  expect(await posthorn([...password, '--password-stdin'], () => 'short\n')).toMatchObject({
    exitCode: 1,
    stderr: 'The password is too short: at least 10 characters.',
  })
  expect(await posthorn([...password, '--password-stdin'], () => 'correct horse battery\n')).toMatchObject({ exitCode: 0, stdout: 'The password is set.' })
  expect(await posthorn(password)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('shown once') })
  expect(await posthorn([...password.slice(0, 4), '--code', 'NOBODY'])).toMatchObject({ exitCode: 1, stderr: 'There is no user with this code here.' })
})

test('a key for a program is made and shown once, for users by name or for all of them', async () => {
  await using db = await testDb()
  await makeCompany(db, 'globex')
  const create = ['api-key', 'create', '--company', 'globex', '--name', 'ERP']
  const made = await posthorn([...create, '--codes', 'ANNA,JAN', '--json'])
  expect(JSON.parse(made.stdout)).toMatchObject([{ company: 'globex', key: expect.stringMatching(/^ph_\w{20,}$/) }])
  expect((await posthorn([...create, '--all-cards'])).stdout).toContain('shown once')
  expect(await posthorn(create), 'never all of them by leaving something out').toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--codes') })
  expect(await posthorn([...create, '--codes', 'ANNA', '--all-cards']), 'nor where only one was named').toMatchObject({ exitCode: 2, stdout: '' })
  expect(await posthorn([...create, '--codes', 'NOBODY'])).toMatchObject({ exitCode: 1, stderr: 'There is no user with the code NOBODY here.' })
  const { stderr } = await posthorn([...create, '--codes', 'ANNA', '--addresses', '203.0.113.7,office'])
  expect(stderr).toContain('--addresses: office is neither an IP address nor a network')
})

test.each(['--addresses', '--expires'])('a key is not made for every address or for good because a script had nothing for %s', async option => {
  await using db = await testDb()
  await makeCompany(db, 'globex')
  const made = await posthorn(['api-key', 'create', '--company', 'globex', '--name', 'ERP', '--codes', 'ANNA', option, ''])
  expect(made).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(`${option} is empty`) })
})

test('to migrate a new database is to prepare it: what it is is written down before anybody works with it', async () => {
  await using db = await testDb({ isPrepared: false })
  {
    using _live = changed(env, { relayUrl: 'smtp://relay.platform.test:25' })
    const { stdout } = await posthorn(['migrate'])
    expect(stdout).toContain('of a live installation')
    expect(stdout).toMatch(/type this code, once: \S{20}/)
    expect(await getMode(db)).toBe('live')
  }
  await expect(getMode(db), 'not a sandbox by forgetting the relay').rejects.toThrow('RELAY_URL is not set')
  expect(await posthorn(['migrate'])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('RELAY_URL is not set') })
})

test('a wrong use is told from a refusal, and help shows what there is', async () => {
  await using _db = await testDb()
  expect(await posthorn([])).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('company create') })
  expect((await posthorn(['help'])).exitCode).toBe(0)
  expect(await posthorn(['nothing'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no command "nothing"') })
  expect((await posthorn(['company', 'list', '--unknown'])).exitCode).toBe(2)
  expect(await posthorn(['company', 'create', '--slug', 'postmaster', '--name', 'X'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--slug') })
  expect(await posthorn(['user', 'list'])).toMatchObject({ exitCode: 2, stderr: '--company: an option is missing\nUse: posthorn user list --company acme' })
})

test('a program that asks for JSON reads why it is refused as JSON too, where people read it', async () => {
  await using db = await testDb()
  await makeCompany(db, 'globex')
  const read = async (...command: string[]) => {
    const { exitCode, stdout, stderr } = await posthorn([...command, '--json'])
    return { exitCode, stdout, told: JSON.parse(stderr) }
  }
  const told = (code: string, message: unknown) => ({ stdout: '', told: { error: { code, message } } })
  const refused = { exitCode: 1, ...told('slugTaken', 'Another company has the short name globex. Choose another.') }
  expect(await read('company', 'create', '--slug', 'globex', '--name', 'Other')).toEqual(refused)
  const add = ['user', 'add', '--company', 'acme', '--code', 'EWA', '--name', 'Ewa', '--email', 'anna@globex.test']
  expect(await read(...add)).toEqual({ exitCode: 1, ...told('companyNotFound', 'There is no company acme. See posthorn company list.') })
  await makeCompany(db, 'acme')
  expect(await read(...add)).toEqual({ exitCode: 1, ...told('loginElsewhere', expect.stringContaining('--link --keep-password')) })
  expect(await read('user', 'list')).toEqual({ exitCode: 2, ...told('wrongUse', expect.stringContaining('--company: an option is missing')) })
  expect(await read('user', 'list', '--unknown')).toEqual({ exitCode: 2, ...told('wrongUse', expect.stringContaining('--unknown')) })
  const failed = { exitCode: 1, ...told('failed', 'The folder /nowhere does not exist') }
  if (!isPostgres) expect(await read('backup', '/nowhere/posthorn.backup')).toEqual(failed)
})

test('an operator is told which company there is not, and where those are that there are', async () => {
  await using _db = await testDb()
  const stderr = 'There is no company nobody. See posthorn company list.'
  for (const command of [
    ['user', 'list'],
    ['user', 'confirm', '--code', 'ANNA'],
    ['company', 'module', '--mailing', 'on'],
  ])
    expect(await posthorn([...command, '--company', 'nobody'])).toMatchObject({ exitCode: 1, stderr })
})

test.skipIf(isPostgres)('no command but migrate makes a database where there is none: its backup would be an empty one', async () => {
  await using _db = await testDb()
  const file = path.join(path.dirname((env.database as { file: string }).file), 'other', 'posthorn.db')
  Object.assign(env.database, { file })
  expect(await posthorn(['backup', `${file}.backup`])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`There is no database ${file}.`) })
  expect(await posthorn(['company', 'list'])).toMatchObject({ exitCode: 1 })
  expect(existsSync(path.dirname(file))).toBe(false)
  expect(await posthorn(['migrate'])).toMatchObject({ exitCode: 0 })
  expect(existsSync(file)).toBe(true)
})

test('no command but migrate changes the tables of an older build, which may be running; a backup of them is taken', async () => {
  await using db = await testDb()
  const older = 'set created_at = 1'
  await (isPostgres ? poolOf(db).query(`update drizzle.__drizzle_migrations ${older}`) : db.$client.exec(`update __drizzle_migrations ${older}`))
  expect(await posthorn(['company', 'list'])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('The tables are those of an older build') })
  if (isPostgres) return
  const { file } = env.database as { file: string }
  expect(await posthorn(['backup', `${file}.backup`])).toMatchObject({ exitCode: 0 })
  expect(await posthorn(['backup', '/nowhere/posthorn.backup'])).toMatchObject({ exitCode: 1, stderr: 'The folder /nowhere does not exist' })
})

test('a database into which nothing was put back is not called restored, and nothing is made in it', async () => {
  await using db = await testDb()
  if (isPostgres) await poolOf(db).query('drop schema public cascade; drop schema drizzle cascade; create schema public')
  else Object.assign(env.database, { file: `${(env.database as { file: string }).file}.other` })
  const place = env.database.dialect === 'sqlite' ? env.database.file : 'The database of DATABASE_URL'
  for (const _ of ['at once', 'and again']) {
    expect(await posthorn(['restore', '--restored'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `${place} has no tables: nothing was restored there. Put the backup in place, or give the settings of web and engine, then run: posthorn restore --restored`,
    })
  }
})

test('nor is one that was only made: what was put back is elsewhere, and not held', async () => {
  await using db = await testDb()
  expect(await posthorn(['restore', '--restored'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('has no company: nothing was restored there'),
  })
  expect(await findHeldAt(db)).toBeNull()
})

test('a database that was put back by other means is held, once nobody uses it: what is in hand would lose its outcome', async () => {
  await using used = await testDb()
  await makeCompany(used)
  expect(await posthorn(['restore', '--restored'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/Stop (every )?web and engine first, then restore/),
  })
  expect(await findHeldAt(used)).toBeNull()
  await closeDb(used)
  expect(await posthorn(['restore', '--restored'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Sending is held') })
  const db = openDb()
  expect(await findHeldAt(db)).not.toBeNull()
  await closeDb(db)
})

test('an operator who lost a key learns whose secrets it sealed, and has them forgotten by naming it', async () => {
  await using db = await testDb()
  const { user } = await makeCompany(db)
  await savePassword(db, user, { host: 'smtp.acme.test', port: 465, tls: 'implicit', username: 'anna' })
  expect(await posthorn(['keys', 'lost'])).toMatchObject({ exitCode: 0, stdout: 'The keys that are here open every secret.' })
  const configured = env.sealingKeys
  try {
    env.sealingKeys = `other:${Buffer.alloc(32, 9).toString('base64')}`
    const listed = await posthorn(['keys', 'lost'])
    expect([listed.exitCode, listed.stdout.split('\t')]).toEqual([1, ['acme', 'ANNA', 'password of anna at smtp.acme.test:465', 'key test']])
    const forgotten = await posthorn(['keys', 'lost', '--forget', 'test', '--json'])
    expect([forgotten.exitCode, JSON.parse(forgotten.stdout)]).toEqual([0, [{ forgotten: { passwords: 1, connections: 0 }, lost: [] }]])
    expect(await posthorn(['keys', 'lost', '--forget', 'other'])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is in POSTHORN_KEYS') })
  } finally {
    env.sealingKeys = configured
  }
})

test('the doctor says what it looked at', async () => {
  await using _db = await testDb()
  const { exitCode, stdout } = await posthorn(['doctor', '--json'])
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject(['database', 'mode', 'clock', 'keys', 'sending', 'relay', 'microsoft365'].map(name => ({ name, isWell: true })))
})
