import { arrived, type Bench, dialectName, load, type Measure, rateOf, warmUpOf, withCpu } from '../bench'
import { apacheBench, handOver } from '../machine/apache-bench'
import { runScript } from '../machine/child'
import type { Installation } from '../machine/installation'

const to = 'customer@example.test'

/** What one installation takes in, passes on, and costs. */
export function throughput(bench: Bench, installation: Installation): Measure[] {
  return [
    drain(bench, installation),
    overHttp(bench, installation, { batch: 1, count: 12_000 }),
    overHttp(bench, installation, { batch: 100, count: 20_000 }),
    throughDoor(bench, installation),
    through(bench, installation, { size: '1k', bytes: 1024, count: 6000 }),
    through(bench, installation, { size: '50k', bytes: 50 * 1024, count: 1500 }),
  ]
}

const some = (bench: Bench, count: number) => Math.ceil((count * bench.scale) / 100) * 100

/** Stored and answered, not sent: the company's account is paused, as Postfix's queue is on hold. */
const overHttp = (bench: Bench, installation: Installation, { batch, count: most }: { batch: number; count: number }): Measure => ({
  name: `${installation.dialect}-http-${batch === 1 ? 'single' : 'batch'}-1k`,
  about: `${dialectName[installation.dialect]}: accepted and durable over HTTP, ${batch === 1 ? 'single messages, 20 connections' : 'batches of 100, 4 connections'}, 1k`,
  async run() {
    const count = some(bench, most)
    const { apiPort, held } = installation
    const options = { port: apiPort, key: held.key, users: held.codes, to, count, connections: batch === 1 ? 20 : 4, batch, bytes: 1024 }
    await installation.warmUp(`http-${batch}`, () => load('http-load.ts', { ...options, count: warmUpOf(1024) }))
    const client = batch === 1 ? apacheBench : undefined
    const { done, ...cost } = await withCpu(installation.pids(), count, () => (client ? handOver(client, options) : load('http-load.ts', options)))
    return { rate: rateOf(count, done.ms), ...cost, note: client && 'by ab' }
  },
})

const throughDoor = (bench: Bench, installation: Installation): Measure => ({
  name: `${installation.dialect}-door-1k`,
  about: `${dialectName[installation.dialect]}: accepted and durable over the SMTP door, TLS and AUTH, 20 sessions, pipelined, 1k`,
  async run() {
    const count = some(bench, 6000)
    const { doorPort, held } = installation
    const options = { port: doorPort, user: `ANNA@${held.slug}`, password: held.key, from: `anna@${held.slug}.test`, to, count, sessions: 20, bytes: 1024 }
    await installation.warmUp('door', () => load('smtp-load.ts', { ...options, count: warmUpOf(1024) }))
    const { done, ...cost } = await withCpu(installation.pids(), count, () => load('smtp-load.ts', options))
    return { rate: rateOf(count, done.ms), ...cost }
  },
})

const through = (bench: Bench, installation: Installation, { size, bytes, count: most }: { size: string; bytes: number; count: number }): Measure => ({
  name: `${installation.dialect}-through-${size}`,
  about: `${dialectName[installation.dialect]}: first request to last message at the sink, while accepting, ${size}`,
  async run() {
    const count = some(bench, most)
    const { apiPort, flowing } = installation
    const { sink } = bench
    const options = { port: apiPort, key: flowing.key, users: flowing.codes, to, connections: 20, batch: 1, bytes }
    await installation.warmUp(`through-${size}`, async () => {
      sink.restart()
      await load('http-load.ts', { ...options, count: warmUpOf(bytes) })
      await arrived(sink, warmUpOf(bytes))
    })
    sink.restart()
    const { done: ms, ...cost } = await withCpu(installation.pids(), count, async () => {
      const { startedAt } = await load('http-load.ts', { ...options, count })
      await arrived(sink, count)
      return sink.lastAt() - startedAt
    })
    return { rate: rateOf(count, ms), ...cost }
  },
})

/** Queued while no engine ran; then one starts. From the first message at the sink to the last. */
const drain = (bench: Bench, installation: Installation): Measure => ({
  name: `${installation.dialect}-drain-1k`,
  about: `${dialectName[installation.dialect]}: empties a queue, first to last message at the sink, 1k`,
  once: true, // what starts is cold
  async run() {
    const count = some(bench, 3000)
    await installation.stopEngine()
    await runScript('enqueue.ts', { slug: 'acme', count, bytes: 1024 }, installation.env)
    bench.sink.restart()
    await installation.restartEngine()
    await arrived(bench.sink, count)
    return { rate: rateOf(count, bench.sink.lastAt() - bench.sink.firstAt()) }
  },
})
