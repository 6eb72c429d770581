import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { writeThrough } from '@/db/atomically'
import { closeDb, getDb, keepPlans } from '@/db/client'
import { writerOver } from '@/db/sqlite-writer'
import { registry } from '@/lib/metrics'
import { type EngineOptions, runEngine } from '@/lib/outbox/run-engine'
import { keepInterest } from '@/lib/webhook/interest'

/** What the engine composes and sends runs here, so that taking mail in and sending it do not wait for each other. */
export type DeliveryOptions = Omit<EngineOptions, 'signal'> & { writer: MessagePort | null }

const { writer, ...options } = workerData as DeliveryOptions
const stop = new AbortController()
parentPort?.on('message', async (message: 'stop' | 'metrics') => {
  if (message === 'stop') stop.abort()
  else parentPort?.postMessage(await registry.getMetricsAsJSON())
})

const db = getDb()
keepPlans(db)
if (writer) writeThrough(db, writerOver(writer))
await Promise.all([runEngine(db, { ...options, signal: stop.signal }), keepInterest(db, stop.signal)])
await closeDb(db)
parentPort?.close()
