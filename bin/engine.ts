import { hostname } from 'node:os'
import { closeDb, getDb } from '@/db/client'
import { runChecks } from '@/lib/account/run-checks'
import { startApiServer } from '@/lib/api/start-api-server'
import { env } from '@/lib/env'
import { newId } from '@/lib/id'
import { getMode } from '@/lib/installation/mode'
import { log } from '@/lib/log'
import { keepMailboxesWarm } from '@/lib/microsoft365/keep-warm'
import { enginePlugin } from '@/lib/operate/engine-plugin'
import { runCleanUp } from '@/lib/operate/run-clean-up'
import { runEngine } from '@/lib/outbox/run-engine'
import { startSandboxServer } from '@/lib/sandbox/sandbox-server'
import { openDoor } from '@/lib/smtp-in/start-door'
import { parseRelay } from '@/lib/transport/relay'
import { runWebhooks } from '@/lib/webhook/run-webhooks'
import { say } from './say'

/** The engine: submits mail until it is told to stop. Any number of them may run; a sandbox has one, with the server that plays the relay. */
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort())
if (process.send) process.on('disconnect', () => stop.abort()) // the supervisor is gone

const db = getDb()
const mode = await getMode(db)
const sandbox = env.relayUrl ? null : await startSandboxServer(db, { port: env.sandboxSmtpPort })
const microsoft = sandbox && (await (await import('@/lib/sandbox/microsoft/start-microsoft')).startSandboxMicrosoft(db))
const relay = sandbox ? sandbox.relay : parseRelay(env.relayUrl ?? '')
const engineId = `${hostname()}-${process.pid}-${newId().slice(-6)}`

const api = await startApiServer(db, {
  port: env.apiPort,
  host: env.listenAddress ?? (mode === 'sandbox' ? 'localhost' : '::'),
  say,
  plugins: [enginePlugin(db)],
})
const door = await openDoor(db, mode, env.listenAddress ?? (mode === 'sandbox' ? '127.0.0.1' : '::'))

log.info({ event: 'engineStarted', engineId, mode, sandboxSmtpPort: sandbox?.port, apiPort: api?.port }, 'engine started')
await Promise.all([
  runEngine(db, { signal: stop.signal, engineId, mode, relay }),
  runWebhooks(db, { signal: stop.signal, mode }),
  runCleanUp(db, { signal: stop.signal }),
  runChecks(db, { signal: stop.signal, mode, relay }),
  keepMailboxesWarm(db, { signal: stop.signal }),
])
await Promise.all([api?.close(), door?.close()])
await Promise.all([sandbox?.close(), microsoft?.close()])
await closeDb(db)
log.info({ event: 'engineStopped', engineId }, 'engine stopped')
