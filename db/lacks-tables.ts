/** Whether a query failed because what it asks is in no table: this database was never migrated. */
export function lacksTables(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ((error as Error & { code?: string }).code === '42P01' || error.message.startsWith('no such table')) return true
  return lacksTables(error.cause) // drizzle wraps what the driver throws
}
