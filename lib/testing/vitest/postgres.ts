import { randomBytes } from 'node:crypto'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { startPostgres } from '../postgres-server'

/** One PostgreSQL for the run, with a migrated and prepared template that every test database is copied from. */
export default async function setUp() {
  const server = await startPostgres()
  const template = `template_${randomBytes(6).toString('hex')}`
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  await admin.query(`create database ${template}`)
  const url = new URL(server.url)
  url.pathname = template
  const pool = new pg.Pool({ connectionString: url.href, max: 1 })
  await migrate(drizzle(pool), { migrationsFolder: 'db/migrations/postgres' })
  await pool.query(`insert into installation (id, mode, created_at) values ('this', 'sandbox', now())`)
  await pool.end()
  process.env.TEST_POSTGRES_SERVER = server.url
  process.env.TEST_POSTGRES_TEMPLATE = template
  return async () => {
    await admin.query(`drop database ${template} with (force)`)
    await admin.end()
    await server.stop()
  }
}
