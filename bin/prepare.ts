import { closeDb, getDb, migrateDb } from '@/db/client'
import { env } from '@/lib/env'
import { prepareInstallation } from '@/lib/installation/installation'
import { sentenceFor } from './begin'

/** Before web and engine: brings the tables up to date, writes the mode, and says how the first person signs in. */
try {
  const db = getDb()
  await migrateDb(db)
  const { mode, setupCode } = await prepareInstallation(db)
  await closeDb(db)
  console.log(JSON.stringify({ mode, setupCode, url: env.appUrl }))
} catch (error) {
  console.error(sentenceFor(error) ?? (error instanceof Error ? error.message : String(error)))
  process.exit(1)
}
