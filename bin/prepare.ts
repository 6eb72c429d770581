import { closeDb, getDb, migrateDb } from '@/db/client'
import { prepareInstallation } from '@/lib/installation/installation'

/** Before web and engine start: tables of this build, and an installation to serve. Prints what `bin/start` has to say, as JSON. */
const db = getDb()
await migrateDb(db)
console.log(JSON.stringify(await prepareInstallation(db)))
await closeDb(db)
