import pg from 'pg'

/**
 * What PostgreSQL's own tools are told of the database: in their environment, since everybody on the machine can read arguments.
 * node-postgres itself says where a URL leads, so that a backup is of the database that web and engine use.
 */
export function postgresToolEnvironment(databaseUrl: string): Record<string, string | undefined> {
  const { host, port, user, database, password } = new pg.Client({ connectionString: databaseUrl })
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    ...(password ? { PGPASSWORD: password } : {}),
    PGHOSTADDR: undefined, // these two would lead elsewhere, and node-postgres does not know them
    PGSERVICE: undefined,
    ...encryptionOf(new URLSearchParams(databaseUrl.split('?')[1])),
  }
}

/** Only what the URL names: the rest is left to what the tools find set. */
function encryptionOf(parameters: URLSearchParams): Record<string, string> {
  const negotiation = parameters.get('sslnegotiation')
  const impliedMode = negotiation === 'direct' ? 'require' : undefined // node-postgres encrypts then; the tools refuse until they are told to
  const mode = parameters.get('sslmode') ?? modeBySsl[parameters.get('ssl') ?? ''] ?? impliedMode
  const named = {
    PGSSLMODE: mode === 'no-verify' ? 'require' : mode,
    PGSSLROOTCERT: mode === 'no-verify' ? undefined : parameters.get('sslrootcert'), // the tools would check by it
    PGSSLCERT: parameters.get('sslcert'),
    PGSSLKEY: parameters.get('sslkey'),
    PGSSLNEGOTIATION: negotiation,
  }
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, string] => Boolean(entry[1])))
}

/** node-postgres has a parameter of its own besides PostgreSQL's, and a mode of its own in both. */
const modeBySsl: Record<string, string | undefined> = { true: 'require', '1': 'require', '0': 'disable', 'no-verify': 'no-verify' }
