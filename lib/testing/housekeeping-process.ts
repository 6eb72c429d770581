import { getDb, migrateDb } from '@/db/client'
import { days, shiftClock } from '@/lib/clock'
import { keepHouse } from '@/lib/outbox/housekeeping'

/** An engine's housekeeping over so many days, three times a day, in a process that logs as engines do: `<days>`. */
const [count = '0'] = process.argv.slice(2)
const db = getDb()
await migrateDb(db)
for (let day = 0; day < Number(count); day++) {
  const putBack = shiftClock(days(day))
  for (let time = 0; time < 3; time++) await keepHouse(db)
  putBack()
}
process.exit(0)
