import { defineConfig } from 'drizzle-kit'

/** One schema, two folders of migrations: `npm run migrations` runs this once for each dialect. */
const dialect = process.env.DATABASE_URL?.startsWith('postgres') ? 'postgresql' : 'sqlite'

export default defineConfig({
  dialect,
  schema: './db/schema/index.ts',
  out: `./db/migrations/${dialect === 'sqlite' ? 'sqlite' : 'postgres'}`,
})
