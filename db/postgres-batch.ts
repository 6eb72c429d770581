import pg from 'pg'
import { prepareValue } from 'pg/lib/utils'

/** `name`: the server keeps the statement and its plan for as long as the connection lasts. `types` reads its rows; null: nobody does. */
export type Asked = { name: string | null; text: string; values: unknown[]; types: pg.CustomTypesConfig | null }

/** A statement of a batch failed, or, with the number of all of them, what ends it: nothing of the batch is there. */
export class BatchFailed extends Error {
  constructor(
    readonly position: number,
    readonly reason: Error & { code?: string },
  ) {
    super(reason.message)
    this.name = 'BatchFailed'
  }
}

/**
 * Runs statements in one trip to the server, as one transaction that it commits at their end, unless one of them is `begin`.
 * Gives the rows of each, as arrays in the order of their columns.
 *
 * What lies between two Syncs is one transaction of its own (postgresql.org/docs/current/protocol-flow.html, *Pipelining*): one
 * write here, one answer there, instead of one for each statement.
 * @throws BatchFailed with the place of the statement, from 0
 */
export function runTogether(client: pg.PoolClient, statements: Asked[]): Promise<unknown[][][]> {
  return new Promise((resolve, reject) => client.query(new Batch(statements, resolve, reject)))
}

type Fields = { fields: pg.FieldDef[] }
type Row = { fields: (string | null)[] }
type Reader = { types: pg.CustomTypesConfig | null; rows: unknown[][]; addFields(fields: pg.FieldDef[]): void; parseRow(fields: (string | null)[]): unknown[] }

/** What node-postgres lets a query of another kind do: pg-cursor is one. */
class Batch implements pg.Submittable {
  private readonly readers: Reader[] = []
  private readonly prepared: (string | Buffer | null)[][]
  private connection: pg.Connection | null = null

  constructor(
    private readonly statements: Asked[],
    private readonly resolve: (rows: unknown[][][]) => void,
    private readonly reject: (error: BatchFailed) => void,
  ) {
    this.prepared = statements.map(({ values }) => values.map(value => prepareValue(value)))
  }

  submit(connection: pg.Connection): void {
    this.connection = connection
    const kept = keptBy(connection)
    connection.stream.cork()
    for (const [i, { name, text, types }] of this.statements.entries()) {
      if (name === null || kept.get(name) !== 'kept') {
        if (name !== null && kept.has(name)) connection.close({ type: 'S', name }, true) // closing what is not there is no error
        connection.parse({ name: name ?? '', text, types: [] }, true)
        if (name !== null) kept.set(name, 'sent')
      }
      connection.bind({ statement: name ?? '', values: this.prepared[i] as Buffer[] }, true)
      if (types) connection.describe({ type: 'P', name: '' }, true)
      connection.execute({}, true)
    }
    connection.sync()
    connection.stream.uncork()
    this.begin()
  }

  handleRowDescription({ fields }: Fields): void {
    this.readers.at(-1)?.addFields(fields)
  }

  handleDataRow({ fields }: Row): void {
    const reader = this.readers.at(-1)
    if (reader?.types) reader.rows.push(reader.parseRow(fields))
  }

  handleCommandComplete(): void {
    const { name } = this.statements[this.readers.length - 1] as Asked
    if (name !== null && this.connection) keptBy(this.connection).set(name, 'kept')
    this.begin()
  }

  handleEmptyQuery(): void {
    this.begin()
  }

  handleError(error: Error): void {
    this.reject(new BatchFailed(this.readers.length - 1, error))
  }

  handleReadyForQuery(): void {
    this.resolve(this.readers.slice(0, -1).map(({ rows }) => rows))
  }

  private begin(): void {
    const types = this.statements[this.readers.length]?.types ?? null
    this.readers.push(Object.assign(new pg.Result('array', types as typeof pg.types), { types }) as unknown as Reader)
  }
}

/** Which statements a connection's server keeps. `sent`: nobody knows, as one before it failed. */
const keptNames = new WeakMap<pg.Connection, Map<string, 'sent' | 'kept'>>()

function keptBy(connection: pg.Connection): Map<string, 'sent' | 'kept'> {
  const kept = keptNames.get(connection) ?? new Map()
  keptNames.set(connection, kept)
  return kept
}
