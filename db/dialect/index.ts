import { env } from '../../lib/env'
import { postgresKit } from './postgres'
import { sqliteKit } from './sqlite'

/**
 * The column builders every table is written with, once. SQLite's kit gives the type; the two
 * builders agree on every method the schema uses, so this is the one cast between dialects.
 */
export const kit: typeof sqliteKit = env.database.dialect === 'postgres' ? (postgresKit as unknown as typeof sqliteKit) : sqliteKit
