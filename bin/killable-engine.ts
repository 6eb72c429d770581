import { writeThrough } from '@/db/atomically'
import { getDb, keepPlans } from '@/db/client'
import { startWriterThread, writerOver } from '@/db/sqlite-writer'
import { env } from '@/lib/env'
import { runEngine } from '@/lib/outbox/run-engine'

/**
 * An engine to be killed, in tests and by `npm run torture`: sends through the relay at the port given, and writes as
 * bin/engine.ts does. It stands beside that one, from where both find their threads (lib/thread-file.ts).
 */
process.on('disconnect', () => process.exit()) // nobody is left to end it
const port = Number(process.argv[2])
const db = getDb()
keepPlans(db)
const writer = env.database.dialect === 'sqlite' ? await startWriterThread(env.database.file) : null
if (writer) writeThrough(db, writerOver(writer.newPort()))
process.send?.('ready')
await runEngine(db, {
  signal: new AbortController().signal,
  engineId: `killed-${process.pid}`,
  mode: 'live',
  relay: { host: '127.0.0.1', port, tls: 'none', login: null, trust: 'platform' },
})
