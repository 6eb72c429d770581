import { and, asc, eq, gt, isNotNull, sql } from 'drizzle-orm'
import { getTableName } from 'drizzle-orm/table'
import type { Db } from '@/db/client'
import { sealingKeys } from '@/lib/secret/keys'
import { open, seal } from '@/lib/secret/seal'
import { type SealedColumn, sealedColumns } from './sealed-columns'

const atOnce = 100

type Rotated = { column: string; resealed: number; unopened: string[] }

/**
 * Seals everything anew with the first key, a few rows at a time, while web and engine run. What is sealed so already is
 * passed over, so it can be broken off and started again; a secret saved meanwhile is never overwritten by an older one.
 * Rows that no key opens stay as they are and are named.
 */
export async function rotateKeys(db: Db): Promise<Rotated[]> {
  const rotated: Rotated[] = []
  for (const column of sealedColumns) if (column.place) rotated.push(await resealColumn(db, column))
  return rotated
}

async function resealColumn(db: Db, { table, column, property, key, keyProperty, place }: SealedColumn): Promise<Rotated> {
  const outcome: Rotated = { column: `${getTableName(table)}.${column.name}`, resealed: 0, unopened: [] }
  const [first] = sealingKeys()
  if (!first || !place) return outcome
  let after = ''
  for (;;) {
    const found: unknown = await db
      .select()
      .from(table as never)
      .where(and(isNotNull(column), gt(key, after), sql`not ${isSealedWith(column, first.id)}`))
      .orderBy(asc(key))
      .limit(atOnce)
    const old = found as Record<string, unknown>[]
    for (const row of old) {
      const [id, sealed] = [String(row[keyProperty]), String(row[property])]
      after = id
      const renewed = reseal(sealed, place(row))
      if (!renewed) {
        outcome.unopened.push(id)
        continue
      }
      const changed = await db
        .update(table)
        .set({ [property]: renewed } as never)
        .where(and(eq(key, id), eq(column, sealed)))
        .returning({ id: key } as never)
      outcome.resealed += (changed as unknown[]).length
    }
    if (old.length < atOnce) return outcome
  }
}

function reseal(sealed: string, place: Parameters<typeof seal>[1]): string | null {
  try {
    return seal(open(sealed, place), place)
  } catch {
    return null
  }
}

type KeyUse = { keyId: string; seals: number; isKnown: boolean }

/** Which keys seal how many secrets now: the first key is always named, an old one may go when it is no longer. */
export async function listKeysInUse(db: Db): Promise<KeyUse[]> {
  const known = sealingKeys().map(({ id }) => id)
  const seals = new Map<string, number>(known.slice(0, 1).map(id => [id, 0]))
  for (const { table, column } of sealedColumns) {
    const keyId = keyIdOf(column)
    const rows = await db
      .select({ keyId, count: sql`count(*)`.mapWith(Number) })
      .from(table as never)
      .where(isNotNull(column))
      .groupBy(sql`1`)
    for (const { keyId, count } of rows as { keyId: string; count: number }[]) seals.set(keyId, (seals.get(keyId) ?? 0) + count)
  }
  return [...seals].map(([keyId, count]) => ({ keyId, seals: count, isKnown: known.includes(keyId) }))
}

/** A seal begins with `v1.<key id>.`; both databases find the second dot in their own way, so it is cut by what they share. */
const keyIdOf = (column: SealedColumn['column']) => {
  const rest = sql`substr(${column}, 4)`
  return sql<string>`substr(${rest}, 1, length(${rest}) - length(ltrim(${rest}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-')))`
}

/** The same by its beginning. */
export const isSealedWith = (column: SealedColumn['column'], keyId: string) => {
  const prefix = `v1.${keyId}.`
  return sql`substr(${column}, 1, ${sql.raw(String(prefix.length))}) = ${prefix}`
}
