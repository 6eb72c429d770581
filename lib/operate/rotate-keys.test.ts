import { eq, getTableColumns, getTableName, is, Table } from 'drizzle-orm'
import { afterEach, expect, test } from 'vitest'
import type { Db } from '@/db/client'
import * as schema from '@/db/schema'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { seal } from '@/lib/secret/seal'
import { credentialPlace, openPassword } from '@/lib/sender/open-credential'
import { makeCompany } from '@/lib/testing/company'
import { isPostgres, testDb } from '@/lib/testing/database'
import { interrupted } from '@/lib/testing/interrupted'
import { openTransaction, untilSomebodyWaits } from '@/lib/testing/open-transaction'
import { secretPlace } from '@/lib/webhook/secret'
import { listKeysInUse, rotateKeys } from './rotate-keys'
import { sealedColumns } from './sealed-columns'

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const configured = env.sealingKeys
afterEach(() => {
  env.sealingKeys = configured
})

/** The keys that this process has from now on, as if it had been started with them. */
function startWith(keys: string): void {
  env.sealingKeys = keys
}

/** Reads so often and no more: on SQLite nothing else would stop one who reads the same rows for ever. */
function asking(db: Db, most: number): Db {
  const select = db.select.bind(db)
  let reads = 0
  return Object.assign(db, {
    select: (...fields: Parameters<typeof select>) => {
      if (++reads > most) throw new Error('the same rows are read again and again')
      return select(...fields)
    },
  })
}

const server = { host: 'smtp.acme.test', port: 465, tls: 'implicit' as const, username: 'anna' }

test('every secret is sealed anew with the first key, and the old one can go', async () => {
  await using db = await testDb()
  const { user, second, tenantId } = await makeCompany(db)
  startWith(`old:${key(1)}`)
  for (const { cardId } of [user, second]) {
    const use = { tenantId, cardId, ...server }
    await db.insert(schema.credentials).values({ ...use, passwordSealed: seal(`secret of ${cardId}`, credentialPlace(use)), savedAt: now() })
  }
  expect(await listKeysInUse(db)).toEqual([{ keyId: 'old', seals: 2, isKnown: true }])

  startWith(`new-1:${key(2)},old:${key(1)}`)
  expect(await listKeysInUse(db)).toEqual([
    { keyId: 'new-1', seals: 0, isKnown: true },
    { keyId: 'old', seals: 2, isKnown: true },
  ])
  expect((await rotateKeys(db)).find(({ column }) => column === 'credential.password_sealed')).toEqual({
    column: 'credential.password_sealed',
    resealed: 2,
    unopened: [],
  })
  expect(
    (await rotateKeys(db)).every(({ resealed }) => resealed === 0),
    'started again there is nothing left to do',
  ).toBe(true)

  startWith(`new-1:${key(2)}`)
  expect(await listKeysInUse(db)).toEqual([{ keyId: 'new-1', seals: 2, isKnown: true }])
  expect(await openPassword(db, { tenantId, cardId: user.cardId, ...server })).toBe(`secret of ${user.cardId}`)
})

test('what no key opens is named and left alone', async () => {
  await using db = await testDb()
  const { user, tenantId } = await makeCompany(db)
  startWith(`lost:${key(9)}`)
  const use = { tenantId, cardId: user.cardId, ...server }
  const passwordSealed = seal('secret', credentialPlace(use))
  await db.insert(schema.credentials).values({ ...use, passwordSealed, savedAt: now() })
  startWith(`here:${key(2)}`)
  expect((await rotateKeys(db))[0]).toEqual({ column: 'credential.password_sealed', resealed: 0, unopened: [user.cardId] })
  expect((await listKeysInUse(db)).find(({ keyId }) => keyId === 'lost')).toEqual({ keyId: 'lost', seals: 1, isKnown: false })
  const [kept] = await db.select().from(schema.credentials).where(eq(schema.credentials.cardId, user.cardId))
  expect(kept?.passwordSealed).toBe(passwordSealed)
})

test('what no key opens keeps nothing that follows from being sealed anew, however much of it there is', async () => {
  await using db = await testDb()
  const { tenantId } = await makeCompany(db)
  const webhook = (id: string) => ({ id, tenantId, url: 'https://hook.acme.test/', events: ' message.queued ', createdAt: now() })
  const sealed = (id: string) => ({ ...webhook(id), secretSealed: seal('secret', secretPlace({ id, tenantId })) })
  startWith(`lost:${key(9)}`)
  await db.insert(schema.webhooks).values(Array.from({ length: 120 }, (_, i) => sealed(`a${119 - i}`))) // as they lie they do not follow each other
  startWith(`old:${key(1)}`)
  await db.insert(schema.webhooks).values(sealed('b'))
  startWith(`new:${key(2)},old:${key(1)}`)
  const outcome = (await rotateKeys(asking(db, 50))).find(({ column }) => column === 'webhook.secret_sealed')
  expect([outcome?.resealed, outcome?.unopened.length]).toEqual([1, 120])
})

test.runIf(isPostgres)('a secret that is saved while it is being sealed anew stays the newer one', async () => {
  await using db = await testDb()
  const { user, tenantId } = await makeCompany(db)
  startWith(`new-1:${key(2)},old:${key(1)}`)
  const use = { tenantId, cardId: user.cardId, ...server }
  const newer = seal('typed just now', credentialPlace(use))
  startWith(`old:${key(1)}`)
  await db.insert(schema.credentials).values({ ...use, passwordSealed: seal('of before', credentialPlace(use)), savedAt: now() })
  startWith(`new-1:${key(2)},old:${key(1)}`)
  await using person = await openTransaction()
  await person.client.query('update credential set password_sealed = $1', [newer])
  const rotating = rotateKeys(db)
  await untilSomebodyWaits(person.client)
  await person.client.query('commit')
  expect((await rotating).find(({ column }) => column === 'credential.password_sealed')).toMatchObject({ resealed: 0, unopened: [] })
  expect(await openPassword(db, use)).toBe('typed just now')
})

test.skipIf(isPostgres)('a secret that is saved between any two queries of its sealing stays the newer one, where nobody waits for another’s row', async () => {
  await using db = await testDb()
  const { user, tenantId } = await makeCompany(db)
  const use = { tenantId, cardId: user.cardId, ...server }
  const sealedWith = (keys: string, password: string) => {
    startWith(keys)
    return { passwordSealed: seal(password, credentialPlace(use)) }
  }
  const old = sealedWith(`old:${key(1)}`, 'of before')
  const newer = sealedWith(`new-1:${key(2)},old:${key(1)}`, 'typed just now')
  await db.insert(schema.credentials).values({ ...use, ...old, savedAt: now() })
  for (let nth = 1, isBetween = true; isBetween; nth++) {
    isBetween = false
    await db.update(schema.credentials).set(old)
    const rotating = interrupted(db, nth, async () => {
      isBetween = true
      await db.update(schema.credentials).set(newer)
    })
    await rotateKeys(rotating)
    expect(await openPassword(db, use), `before query ${nth}`).toBe(isBetween ? 'typed just now' : 'of before')
  }
})

test('no column of seals is forgotten', () => {
  const listed = sealedColumns.map(({ table, column }) => `${getTableName(table)}.${column.name}`)
  const tables = (Object.values(schema) as unknown[]).filter(value => is(value, Table))
  const inSchema = tables.flatMap(table =>
    Object.values(getTableColumns(table))
      .filter(({ name }) => name.endsWith('_sealed'))
      .map(({ name }) => `${getTableName(table)}.${name}`),
  )
  expect(listed.sort()).toEqual(inSchema.sort())
})
