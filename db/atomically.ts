import { drizzle } from 'drizzle-orm/node-postgres'
import { env } from '../lib/env'
import { type Db, poolOf } from './client'
import * as schema from './schema'

/** A described statement: built by drizzle inside `atomically`, run by it. */
export type Statement = { toSQL(): { sql: string; params: unknown[] }; execute(): unknown }
type Required = { statement: Statement; rowsRequired: true }
export type Step = Statement | Required
type Rows = Record<string, unknown>[]

/** A statement that had to match a row matched none; everything in its write was rolled back. */
export class NothingMatched extends Error {
  readonly position: number
  constructor(position: number) {
    super(`statement ${position} of an atomic write matched no row`)
    this.name = 'NothingMatched'
    this.position = position
  }
}

/** Marks a statement (with `.returning()`) that must match a row; when it does not, the whole write is undone. */
export const must = (statement: Statement): Required => ({ statement, rowsRequired: true })

/**
 * What one verb would write. Verbs of one page can be written together, so that nothing is saved by half.
 * `refusal` makes of a NothingMatched what the person is told; `position` counts this plan's own statements.
 */
export type Plan = { statements: (tx: Db) => Step[]; refusal: (position: number) => Error; afterwards: () => Promise<void> }

/** Writes plans in one atomic write, first to last. @throws what the plan makes of its statement that matched nothing */
export async function carryOut(db: Db, plans: Plan[]): Promise<void> {
  const ends: number[] = []
  try {
    await atomically(db, tx => {
      const steps: Step[] = []
      for (const plan of plans) ends.push(steps.push(...plan.statements(tx)))
      return steps
    })
  } catch (error) {
    if (!(error instanceof NothingMatched)) throw error
    const index = ends.findIndex(end => error.position < end)
    throw plans[index]?.refusal(error.position - (ends[index - 1] ?? 0)) ?? error
  }
  for (const plan of plans) await plan.afterwards()
}

/**
 * The only transaction in the code base. `build` only describes the statements, in order, so nothing can be awaited
 * in between; decisions are conditional statements. Gives the rows each statement returned.
 *
 * On SQLite concurrent writes share one commit: they are gathered until the event loop comes round, each runs in a
 * savepoint of its own, and all are answered after the one commit that makes them durable.
 * @throws NothingMatched when a `must` found no row
 */
export function atomically(db: Db, build: (tx: Db) => Step[]): Promise<Rows[]> {
  return env.database.dialect === 'postgres' ? onPostgres(db, build) : onSqlite(db, build)
}

type Waiting = { build: (tx: Db) => Step[]; resolve: (rows: Rows[]) => void; reject: (error: unknown) => void }
const gathered = new WeakMap<Db, Waiting[]>()

function onSqlite(db: Db, build: (tx: Db) => Step[]): Promise<Rows[]> {
  return new Promise((resolve, reject) => {
    const waiting = gathered.get(db)
    if (waiting) return void waiting.push({ build, resolve, reject })
    gathered.set(db, [{ build, resolve, reject }])
    setImmediate(() => {
      const group = gathered.get(db) ?? []
      gathered.delete(db)
      commitTogether(db, group)
    })
  })
}

function commitTogether(db: Db, group: Waiting[]): void {
  const answers: (() => void)[] = []
  try {
    db.$client.exec('begin immediate')
    for (const { build, resolve, reject } of group) {
      db.$client.exec('savepoint one')
      try {
        const rows = build(db).map((step, position) => check(runSqlite(statementOf(step)), step, position))
        db.$client.exec('release one')
        answers.push(() => resolve(rows))
      } catch (error) {
        db.$client.exec('rollback to one')
        db.$client.exec('release one')
        answers.push(() => reject(error))
      }
    }
    db.$client.exec('commit')
  } catch (error) {
    if (db.$client.inTransaction) db.$client.exec('rollback')
    for (const { reject } of group) reject(error)
    return
  }
  for (const answer of answers) answer()
}

/** A write without `returning` gives no rows, and better-sqlite3 refuses `all` for it. */
function runSqlite(statement: Statement): Rows {
  const prepared = (statement as unknown as { prepare(): { all(): Rows; run(): void } }).prepare()
  if (/^\s*select|\breturning\b/i.test(statement.toSQL().sql)) return prepared.all()
  prepared.run()
  return []
}

async function onPostgres(db: Db, build: (tx: Db) => Step[]): Promise<Rows[]> {
  const client = await poolOf(db).connect()
  try {
    const tx = drizzle(client, { schema }) as unknown as Db
    await client.query('begin')
    const rows: Rows[] = []
    for (const [position, step] of build(tx).entries()) {
      const found = await statementOf(step).execute()
      rows.push(check(Array.isArray(found) ? found : [], step, position))
    }
    await client.query('commit')
    return rows
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

const statementOf = (step: Step): Statement => ('rowsRequired' in step ? step.statement : step)

function check(rows: Rows, step: Step, position: number): Rows {
  if ('rowsRequired' in step && rows.length === 0) throw new NothingMatched(position)
  return rows
}
