import type { Column, Table } from 'drizzle-orm'
import { credentials, microsoft365Connections, pendingAuthorizations, sandboxMicrosoft, testSends, webhooks } from '@/db/schema'
import { verifierPlace } from '@/lib/microsoft365/begin-authorization'
import { tokenCachePlace } from '@/lib/microsoft365/token-cache'
import type { Place } from '@/lib/secret/seal'
import { credentialPlace } from '@/lib/sender/open-credential'
import { previousSecretPlace, secretPlace } from '@/lib/webhook/secret'

type Row = Record<string, unknown>

/** A column of seals: how its rows are told apart, and the place a row's seal opens in; null: it is gone within minutes anyway. */
export type SealedColumn = { table: Table; column: Column; property: string; key: Column; keyProperty: string; place: ((row: Row) => Place) | null }

/** Every column that holds seals. A test compares it with the schema, so that none is forgotten when keys change. */
export const sealedColumns: SealedColumn[] = [
  of(credentials, 'passwordSealed', 'cardId', credentialPlace),
  of(microsoft365Connections, 'tokenCacheSealed', 'cardId', tokenCachePlace),
  of(pendingAuthorizations, 'verifierSealed', 'stateHash', verifierPlace),
  of(webhooks, 'secretSealed', 'id', secretPlace),
  of(webhooks, 'previousSecretSealed', 'id', previousSecretPlace),
  of(testSends, 'valuesSealed', 'id', null),
  of(sandboxMicrosoft, 'grantsSealed', 'id', null),
]

type Key<T extends Table> = keyof T['$inferSelect'] & string

/** The one cast of a row to what its own place function reads. */
function of<T extends Table>(table: T, property: Key<T>, keyProperty: Key<T>, place: ((row: T['$inferSelect']) => Place) | null): SealedColumn {
  const columns = table as unknown as Record<string, Column>
  const [column, key] = [columns[property], columns[keyProperty]]
  if (!column || !key) throw new Error(`no column ${property} or ${keyProperty}`)
  return { table, column, property, key, keyProperty, place: place as SealedColumn['place'] }
}
