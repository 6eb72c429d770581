import { readSettings } from './setting/read-settings'
import { WrongSettings } from './setting/wrong-settings'

/** The environment, read once. A process that is set up wrong ends here, whichever it is, and says why in a line for each setting. */
export const env = readOrEnd()

function readOrEnd(): ReturnType<typeof readSettings> {
  try {
    return readSettings(process.env)
  } catch (error) {
    if (!(error instanceof WrongSettings)) throw error
    console.error(error.message) // there is no log yet: its level is a setting
    process.exit(1)
  }
}

/** What PostgreSQL's own tools are told of the database: in their environment, since everybody on the machine can read arguments. */
export function postgresToolEnvironment(databaseUrl: string): NodeJS.ProcessEnv {
  const { hostname, port, username, password, pathname, searchParams } = new URL(databaseUrl)
  const sslMode = searchParams.get('sslmode')
  return {
    ...process.env,
    PGHOST: hostname,
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    ...(sslMode ? { PGSSLMODE: sslMode } : {}),
  }
}
