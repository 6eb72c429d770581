import { createHash } from 'node:crypto'
import { drizzle } from 'drizzle-orm/node-postgres'
import { env } from '../lib/env'
import { commitSeconds } from '../lib/metrics'
import { type Db, poolOf } from './client'
import type { RowsStep } from './rows'
import * as schema from './schema'

/** A described statement: built by drizzle inside `atomically`, run by it. */
export type Statement = { toSQL(): { sql: string; params: unknown[] }; execute(): unknown }
type Required = { statement: Statement; rowsRequired: true }
export type Step = Statement | Required | RowsStep
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
  const run = (command: string) => db.$client.prepare(command).run()
  const committed = commitSeconds.startTimer()
  try {
    run('begin immediate')
    for (const { build, resolve, reject } of group) {
      run('savepoint one')
      try {
        const rows = build(db).map((step, position) => runSqlite(db, step, position))
        run('release one')
        answers.push(() => resolve(rows))
      } catch (error) {
        run('rollback to one')
        run('release one')
        answers.push(() => reject(error))
      }
    }
    run('commit')
    committed()
  } catch (error) {
    if (db.$client.inTransaction) db.$client.exec('rollback')
    for (const { reject } of group) reject(error)
    return
  }
  for (const answer of answers) answer()
}

/** A write without `returning` gives no rows, and better-sqlite3 refuses `all` for it. */
function runSqlite(db: Db, step: Step, position: number): Rows {
  if ('rows' in step) {
    const prepared = db.$client.prepare(step.sql)
    let changes = 0
    for (const row of step.rows) changes += prepared.run(row).changes
    if (step.mustMatch && changes === 0) throw new NothingMatched(position)
    return []
  }
  const prepared = (statementOf(step) as unknown as { prepare(): { all(): Rows; run(): void; stmt: { reader: boolean } } }).prepare()
  if (prepared.stmt.reader) return check(prepared.all(), step, position)
  prepared.run()
  return check([], step, position)
}

async function onPostgres(db: Db, build: (tx: Db) => Step[]): Promise<Rows[]> {
  const client = await poolOf(db).connect()
  try {
    const tx = drizzle(client, { schema }) as unknown as Db
    const committed = commitSeconds.startTimer()
    await client.query('begin')
    const rows: Rows[] = []
    for (const [position, step] of build(tx).entries()) {
      if ('rows' in step) {
        const { rowCount } = step.rows.length > 0 ? await client.query({ name: nameOf(step.sql), text: step.sql, values: step.params }) : { rowCount: 0 }
        if (step.mustMatch && !rowCount) throw new NothingMatched(position)
        rows.push([])
        continue
      }
      const found = await statementOf(step).execute()
      rows.push(check(Array.isArray(found) ? found : [], step, position))
    }
    await client.query('commit')
    committed()
    return rows
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

/** PostgreSQL parses and plans a named statement once for each connection. */
const nameOf = (sql: string) => createHash('sha1').update(sql).digest('base64')

const statementOf = (step: Statement | Required): Statement => ('rowsRequired' in step ? step.statement : step)

function check(rows: Rows, step: Step, position: number): Rows {
  if ('rowsRequired' in step && rows.length === 0) throw new NothingMatched(position)
  return rows
}
