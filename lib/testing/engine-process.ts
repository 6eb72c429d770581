import { getDb, keepPlans } from '@/db/client'
import { runEngine } from '@/lib/outbox/run-engine'

/** An engine of its own for tests that kill it: sends through the relay at the port given, until the end of the process. */
const port = Number(process.argv[2])
const forever = new AbortController()
const db = getDb()
keepPlans(db)
process.send?.('ready')
void runEngine(db, {
  signal: forever.signal,
  engineId: `killed-${process.pid}`,
  mode: 'live',
  relay: { host: '127.0.0.1', port, tls: 'none', login: null, trust: 'platform' },
})
