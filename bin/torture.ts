import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '@/lib/testing/postgres-server'

/** `npm run torture`: kills engines at random moments, a thousand times, and counts what became of the mail. Its short form is a test. */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    engines: { type: 'string', default: '3' },
    messages: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    seconds: { type: 'string', default: 'Infinity' }, // ends earlier, and says after how many
    postgres: { type: 'boolean', default: false },
  },
})
const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-torture-'))
const postgres = values.postgres ? await startPostgres() : null
Object.assign(process.env, {
  DATA_DIR: folder,
  DATABASE_URL: postgres?.url ?? path.join(folder, 'posthorn.db'),
  POSTHORN_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
  LOG_LEVEL: 'error',
})
const { getDb, migrateDb, closeDb } = await import('@/db/client') // reads the environment
const { compileKillableEngine } = await import('@/lib/testing/killable-engine')
const { torture } = await import('@/lib/testing/torture')
const db = getDb()
await migrateDb(db)
const [kills, engines, messagesEach, seed] = [values.kills, values.engines, values.messages, values.seed].map(Number) as [number, number, number, number]
console.log(`${kills} kills, ${engines} engines, seed ${seed}, on ${values.postgres ? 'PostgreSQL' : 'SQLite'}`)
const killable = await compileKillableEngine()
const startedAt = Date.now()
let killed = 0
const onKill = (count: number) => {
  killed = count
  if (count % 50 === 0) console.log(`${count} killed after ${Math.round((Date.now() - startedAt) / 1000)} s`)
}
const { broken, ...counts } = await torture(db, { kills, engines, messagesEach, seed, secondsMost: Number(values.seconds), killable, onKill })
console.log(JSON.stringify({ killed, ...counts }))
for (const line of broken.slice(0, 50)) console.error(line)
console.log(broken.length === 0 ? 'nothing lost, nothing twice without a lost answer' : `${broken.length} broken promises`)
await closeDb(db)
await postgres?.stop()
killable[Symbol.dispose]()
rmSync(folder, { recursive: true, force: true })
process.exit(broken.length === 0 ? 0 : 1)
