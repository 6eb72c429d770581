import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { fillPlaceholders } from 'drizzle-orm'
import * as drizzleUtils from 'drizzle-orm/utils'
import pg from 'pg'
import { env } from '../lib/env'
import { commitSeconds } from '../lib/metrics'
import { type Db, keepsPlans, poolOf } from './client'
import { commitGroup, type Described, type Written } from './commit-group'
import { type Asked, BatchFailed, runTogether } from './postgres-batch'
import type { RowsStep } from './rows'
import type { Writer } from './sqlite-writer'

/** A described statement: built by drizzle inside `atomically`, run by it. */
export type Statement = { toSQL(): { sql: string; params: unknown[] }; execute(): unknown }
type Required = { statement: Statement; rowsRequired: true }
type Compiled = { built: Prepared; values: Record<string, unknown> }
export type Step = Statement | Required | RowsStep | Compiled
type Row = Record<string, unknown>
type Rows = Row[]

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
 * On SQLite concurrent writes share one commit: they are gathered until the event loop comes round, or by the thread that writes,
 * and all are answered after the one commit that makes them durable; what fails among them is undone by itself.
 * @throws NothingMatched when a `must` found no row
 */
export function atomically(db: Db, build: (tx: Db) => Step[]): Promise<Rows[]> {
  return env.database.dialect === 'postgres' ? onPostgres(db, build) : onSqlite(db, build)
}

type Waiting = { build: (tx: Db) => Step[]; resolve: (rows: Rows[]) => void; reject: (error: unknown) => void }
const gathered = new WeakMap<Db, Waiting[]>()
const writers = new WeakMap<Db, Writer>()

/** From now on what this thread writes is handed to a thread that does nothing else: nobody here waits for the disk. */
export function writeThrough(db: Db, writer: Writer): void {
  writers.set(db, writer)
  db.$client.pragma(`cache_size = -${cacheOfReaderKb}`)
}

const cacheOfReaderKb = 2048 // a reader looks up few rows and the system keeps the file; 16 MB only where pages are changed

function onSqlite(db: Db, build: (tx: Db) => Step[]): Promise<Rows[]> {
  return new Promise((resolve, reject) => {
    if (writers.has(db)) return void writeTogether(db, [{ build, resolve, reject }]) // that thread gathers them
    const waiting = gathered.get(db)
    if (waiting) return void waiting.push({ build, resolve, reject })
    gathered.set(db, [{ build, resolve, reject }])
    setImmediate(() => {
      const group = gathered.get(db) ?? []
      gathered.delete(db)
      void writeTogether(db, group)
    })
  })
}

type Ready = { waiting: Waiting; steps: Step[]; maps: (RowMap | null)[]; write: Described[] }

async function writeTogether(db: Db, group: Waiting[]): Promise<void> {
  const ready = group.flatMap(waiting => prepared(db, waiting))
  const writes = ready.map(({ write }) => write)
  try {
    const { written, commitMs } = await (writers.get(db)?.write(writes) ?? writeHere(db, writes))
    commitSeconds.observe(commitMs / 1000)
    for (const [i, one] of ready.entries()) settle(one, written[i] as Written)
  } catch (error) {
    for (const { waiting } of ready) waiting.reject(error)
  }
}

function prepared(db: Db, waiting: Waiting): Ready[] {
  try {
    const steps = waiting.build(db)
    const described = steps.map(describe)
    return [{ waiting, steps, maps: described.map(({ map }) => map), write: described.map(({ statement }) => statement) }]
  } catch (error) {
    waiting.reject(error)
    return []
  }
}

function writeHere(db: Db, writes: Described[][]): { written: Written[]; commitMs: number } {
  const beganAt = performance.now()
  return { written: commitGroup(db.$client, writes), commitMs: performance.now() - beganAt }
}

function settle({ waiting: { resolve, reject }, steps, maps }: Ready, written: Written): void {
  if ('rows' in written) {
    afterCommit(steps)
    resolve(written.rows.map((rows, i) => maps[i]?.(rows) ?? []))
  } else {
    const { position, message, code } = written.failure
    reject(position === null ? Object.assign(new Error(message), { code }) : new NothingMatched(position))
  }
}

type RowMap = (rows: unknown[][]) => Rows

/** drizzle's, which its types leave out. */
const { mapResultRow } = drizzleUtils as unknown as { mapResultRow: (fields: unknown, row: unknown[], joins?: Record<string, boolean>) => Row }

/** drizzle's own way of making rows of columns, as it is used when a statement is run through it; `queryConfig` and `params` on PostgreSQL. */
type Prepared = {
  query: { sql: string; params: unknown[] }
  queryConfig: pg.QueryConfig
  params: unknown[]
  fields?: unknown
  joinsNotNullableMap?: Record<string, boolean>
  customResultMapper?: RowMap
}

const prepare = (statement: Statement) => (statement as unknown as { prepare(name?: string): Prepared }).prepare()

/**
 * A statement with placeholders that drizzle builds once for each database: for what is written with every few messages. PostgreSQL keeps
 * its plan for those who `keepPlans`; what finds rows must then leave it one index to go by.
 */
export function compiledStep(build: (db: Db) => Statement): (db: Db, values: Record<string, unknown>) => Compiled {
  const known = new WeakMap<Db, Prepared>()
  return (db, values) => {
    const built = known.get(db) ?? prepare(build(db))
    known.set(db, built)
    return { built, values }
  }
}

const compiledOf = (step: Statement | Required | Compiled): Compiled =>
  'built' in step ? step : { built: prepare('rowsRequired' in step ? step.statement : step), values: {} }

const mapOf = ({ fields, joinsNotNullableMap, customResultMapper }: Prepared): RowMap | null =>
  customResultMapper ?? (fields ? (rows: unknown[][]) => rows.map(row => mapResultRow(fields, row, joinsNotNullableMap)) : null)

function describe(step: Step): { statement: Described; map: RowMap | null } {
  if ('rows' in step) return { statement: { sql: step.sql, rows: step.rows, mustMatch: step.mustMatch ?? false }, map: null }
  const { built, values } = compiledOf(step)
  const { sql, params } = built.query
  return { statement: { sql, rows: [fillPlaceholders(params, values)], mustMatch: 'rowsRequired' in step }, map: mapOf(built) }
}

const afterCommit = (steps: Step[]) => {
  for (const step of steps) if ('rows' in step) step.afterCommit?.()
}

/** What is asked of PostgreSQL for a step, and what makes rows of its answer. `isChecked`: the database itself insists on a row. */
type Question = Asked & { map: RowMap | null; mustMatch: boolean; isChecked: boolean }

const triesMost = 5

/**
 * A write that PostgreSQL undid for another's sake is made again: nothing of it is there. That is a deadlock, or a row that this write found
 * there (an attachment, say, that it need not insert) and another took away before this one referred to it.
 */
async function onPostgres(db: Db, build: (tx: Db) => Step[]): Promise<Rows[]> {
  for (let tries = 1; ; tries++) {
    try {
      return await writeOnPostgres(db, build)
    } catch (error) {
      if (tries === triesMost || !wasUndoneForAnother(error)) throw error
      await wait(Math.random() * 10 * tries)
    }
  }
}

const undoneForAnother = ['40001', '40P01', '23503'] // serialization_failure, deadlock_detected, foreign_key_violation
const wasUndoneForAnother = (error: unknown) => undoneForAnother.includes((error as pg.DatabaseError).code ?? '')

async function writeOnPostgres(db: Db, build: (tx: Db) => Step[]): Promise<Rows[]> {
  const client = await poolOf(db).connect()
  let isOfUse = true
  try {
    const steps = build(db) // it only describes them: they are asked of this client below
    const questions = steps.map(step => questionOf(step, keepsPlans(db)))
    const mustLook = questions.some(({ mustMatch, isChecked }) => mustMatch && !isChecked)
    const committed = commitSeconds.startTimer()
    const found = await (mustLook ? lookAndCommit(client, questions) : askTogether(client, questions))
    committed()
    afterCommit(steps)
    return found.map((rows, i) => questions[i]?.map?.(rows) ?? [])
  } catch (error) {
    isOfUse = isOfStatement(error)
    throw error
  } finally {
    client.release(!isOfUse)
  }
}

/** And not of the connection, which is then of no use any more. */
const isOfStatement = (error: unknown) => error instanceof NothingMatched || (error as pg.DatabaseError).severity === 'ERROR' // not FATAL

async function askTogether(client: pg.PoolClient, questions: Question[], opening: Asked[] = []): Promise<unknown[][][]> {
  try {
    const found = await runTogether(client, [...opening, ...questions])
    return found.slice(opening.length)
  } catch (error) {
    if (!(error instanceof BatchFailed)) throw error
    const position = error.position - opening.length
    throw error.reason.code === divisionByZero && questions[position]?.mustMatch ? new NothingMatched(position) : error.reason
  }
}

const begin: Asked = { name: null, text: 'begin', values: [], types: null }

/** An answer must be looked at before the commit: two trips to the server. */
async function lookAndCommit(client: pg.PoolClient, questions: Question[]): Promise<unknown[][][]> {
  try {
    const found = await askTogether(client, questions, [begin])
    const missed = questions.findIndex(({ mustMatch, isChecked }, i) => mustMatch && !isChecked && found[i]?.length === 0)
    if (missed >= 0) throw new NothingMatched(missed)
    await client.query('commit')
    return found
  } catch (error) {
    if (isOfStatement(error)) await client.query('rollback').catch(() => undefined)
    throw error
  }
}

const divisionByZero = '22012'

function questionOf(step: Step, keepsPlans: boolean): Question {
  if ('rows' in step) {
    const { sql, params: values, mustMatch = false } = step
    const text = mustMatch ? `with matched as (${sql} returning 1) select 1 / count(*) from matched` : sql // nothing matched: divisionByZero
    const name = keepsPlans || text.startsWith('insert') ? nameOf(text) : null
    return { name, text, values, types: null, map: null, mustMatch, isChecked: true }
  }
  const { built, values: given } = compiledOf(step)
  const map = mapOf(built)
  const { text, types = pg.types } = built.queryConfig
  const values = fillPlaceholders(built.params, given)
  const name = keepsPlans && 'built' in step ? nameOf(text) : null
  return { name, text, values, types: map ? types : null, map, mustMatch: 'rowsRequired' in step, isChecked: false }
}

/**
 * PostgreSQL plans a named statement a few times for each connection and then keeps the plan. That is right for an insert; one that
 * finds rows would go on reading a whole table because it was small when the engine started, but for `keepPlans`.
 */
function nameOf(sql: string): string {
  const name = names.get(sql) ?? createHash('sha1').update(sql).digest('base64')
  names.set(sql, name)
  return name
}

const names = new Map<string, string>()
