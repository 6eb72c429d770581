import { once } from 'node:events'
import { hostname } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { writeThrough } from '@/db/atomically'
import { closeDb, getDb, keepPlans } from '@/db/client'
import { startWriterThread, writerOver } from '@/db/sqlite-writer'
import { runChecks } from '@/lib/account/run-checks'
import { startApiServer } from '@/lib/api/start-api-server'
import { reuseReadings } from '@/lib/coalesce'
import { env } from '@/lib/env'
import { newId } from '@/lib/id'
import { getMode } from '@/lib/installation/mode'
import { log } from '@/lib/log'
import { runWordIndex } from '@/lib/message/index-words'
import { keepMailboxesWarm } from '@/lib/microsoft365/keep-warm'
import { enginePlugin } from '@/lib/operate/engine-plugin'
import { warnOfMissingKeys } from '@/lib/operate/missing-keys'
import { assertMigrated } from '@/lib/operate/readiness'
import { assertNotRestoring } from '@/lib/operate/restoring'
import { runCleanUp } from '@/lib/operate/run-clean-up'
import { startSandboxServer } from '@/lib/sandbox/sandbox-server'
import { sealingKeys } from '@/lib/secret/keys'
import { openDoor } from '@/lib/smtp-in/start-door'
import { parseRelay } from '@/lib/transport/relay'
import { runWebhooks } from '@/lib/webhook/run-webhooks'
import { beginOrEnd } from './begin'
import { startDelivery } from './delivery'
import { announceReady } from './process'
import { say } from './say'

/**
 * The engine: takes mail in over HTTP and SMTP, and submits it until it is told to stop. One thread takes in, one sends, and on
 * SQLite one writes. Any number of engines may run; a sandbox has one, with the server that plays the relay.
 */
setFlagsFromString('--heap-growing-percent=50') // a little of every message lives long enough to be kept: V8 would let that treble before it looks
const stop = new AbortController()
const stopped = once(stop.signal, 'abort') // from the beginning: one that is told to stop while it starts would wait for ever
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort())
if (process.send) process.on('disconnect', () => stop.abort()) // the supervisor is gone

reuseReadings(25)
const { db, mode } = await beginOrEnd(async () => {
  sealingKeys() // an engine without them would take mail in, and open no password
  const db = getDb()
  keepPlans(db)
  await assertMigrated(db)
  await assertNotRestoring(db)
  await warnOfMissingKeys(db)
  return { db, mode: await getMode(db) }
})
const writer = env.database.dialect === 'sqlite' ? await startWriterThread(env.database.file) : null
if (writer) writeThrough(db, writerOver(writer.newPort()))
const sandbox = env.relayUrl ? null : await beginOrEnd(() => startSandboxServer(db, { port: env.sandboxSmtpPort }))
const microsoft = sandbox && (await (await import('@/lib/sandbox/microsoft/start-microsoft')).startSandboxMicrosoft(db))
const relay = sandbox ? sandbox.relay : parseRelay(env.relayUrl ?? '')
const engineId = `${hostname()}-${process.pid}-${newId().slice(-6)}`

const delivery = startDelivery({ engineId, mode, relay, writer: writer?.newPort() ?? null })
const { api, door } = await beginOrEnd(async () => ({
  api: await startApiServer(db, {
    port: env.apiPort,
    host: env.listenAddress ?? (mode === 'sandbox' ? 'localhost' : '::'),
    say,
    plugins: [enginePlugin(db, { ofOtherThreads: delivery.metrics, stopping: stop.signal })],
  }),
  door: await openDoor(db, mode, env.listenAddress ?? (mode === 'sandbox' ? '127.0.0.1' : '::')),
}))
announceReady()

log.info({ event: 'engineStarted', engineId, mode, sandboxSmtpPort: sandbox?.port, apiPort: api?.port }, 'engine started')
await Promise.all([
  stopped.then(delivery.stop),
  runWebhooks(db, { signal: stop.signal, mode }),
  runCleanUp(db, { signal: stop.signal }),
  runWordIndex(db, { signal: stop.signal }),
  runChecks(db, { signal: stop.signal, mode, relay }),
  keepMailboxesWarm(db, { signal: stop.signal }),
])
await Promise.all([api?.close(), door?.close()])
await Promise.all([sandbox?.close(), microsoft?.close()])
await writer?.close()
await closeDb(db)
log.info({ event: 'engineStopped', engineId }, 'engine stopped')
process.disconnect?.() // an open channel to the supervisor would keep the process
