import { arrived, type Bench, load, type Measure, rateOf, warmUpOf, withCpu } from '../bench'
import { instant } from '../client/letter'
import { startChild } from '../machine/child'
import type { Postfix } from '../machine/postfix'
import { sourceProgram } from '../machine/sink'

const sizes = { '1k': 1024, '50k': 50 * 1024 } as const

/** What others reach on this machine, with this sink, in this run. */
export function anchors(bench: Bench): Measure[] {
  const { postfix } = bench
  return [
    ...(sourceProgram ? [wire(bench, '1k'), wire(bench, '50k')] : []),
    ...(postfix
      ? [accept(bench, postfix, '1k'), accept(bench, postfix, '50k'), through(bench, postfix, '1k'), through(bench, postfix, '50k'), drain(bench, postfix)]
      : []),
    pool(bench, '1k', false),
    pool(bench, '50k', false),
    pool(bench, '1k', true),
  ]
}

type Size = keyof typeof sizes
const some = (bench: Bench, size: Size, count: number) => Math.round((count / (size === '50k' ? 3 : 1)) * bench.scale)

const wire = (bench: Bench, size: Size): Measure => ({
  name: `wire-${size}`,
  about: `smtp-source to smtp-sink, 10 sessions, ${size}`,
  async run() {
    const count = some(bench, size, 30_000)
    const ms = await source(bench.sink.port, { count, sessions: 10, bytes: sizes[size] })
    return { rate: rateOf(count, ms) }
  },
})

/** Postfix takes mail in and keeps it: on hold, written through to the disk. */
const accept = (bench: Bench, postfix: Postfix, size: Size): Measure => ({
  name: `postfix-accept-${size}`,
  about: `Postfix accepts durably, 20 sessions, no TLS, no login, ${size}`,
  async run() {
    const count = some(bench, size, 3000)
    const { done: ms, ...cost } = await withCpu([postfix.masterPid], count, () => source(postfix.acceptPort, { count, sessions: 20, bytes: sizes[size] }))
    postfix.empty()
    return { rate: rateOf(count, ms), ...cost }
  },
})

const through = (bench: Bench, postfix: Postfix, size: Size): Measure => ({
  name: `postfix-through-${size}`,
  about: `Postfix, first request to last message at the sink, while accepting, ${size}`,
  async run() {
    const count = some(bench, size, 3000)
    const { sink } = bench
    sink.restart()
    const { done: ms, ...cost } = await withCpu([postfix.masterPid], count, async () => {
      const startedAt = instant()
      await source(postfix.throughPort, { count, sessions: 20, bytes: sizes[size] })
      await arrived(sink, count)
      return sink.lastAt() - startedAt
    })
    return { rate: rateOf(count, ms), ...cost }
  },
})

/** A queue that stood on hold is let go. */
const drain = (bench: Bench, postfix: Postfix): Measure => ({
  name: 'postfix-drain-1k',
  about: 'Postfix empties a queue, first to last message at the sink, 1k',
  async run() {
    const count = some(bench, '1k', 3000)
    await source(postfix.acceptPort, { count, sessions: 20, bytes: sizes['1k'] })
    bench.sink.restart()
    postfix.release()
    await arrived(bench.sink, count)
    return { rate: rateOf(count, bench.sink.lastAt() - bench.sink.firstAt()) }
  },
})

const pool = (bench: Bench, size: Size, raw: boolean): Measure => ({
  name: `nodemailer-${raw ? 'raw' : 'objects'}-${size}`,
  about: `nodemailer's pool, 10 connections, ${raw ? 'raw bytes' : 'message objects'}, nothing durable, ${size}`,
  async run() {
    const count = some(bench, size, 12_000)
    const { ms, cpuMs } = await load('nodemailer-load.ts', {
      port: bench.sink.port,
      count,
      connections: 10,
      bytes: sizes[size],
      raw,
      warmUp: warmUpOf(sizes[size]),
    })
    return { rate: rateOf(count, ms), cpuMicros: Math.round((cpuMs / count) * 1000) }
  },
})

/** smtp-source keeps its sessions open (-d); how long it took. */
async function source(port: number, { count, sessions, bytes }: { count: number; sessions: number; bytes: number }): Promise<number> {
  const startedAt = performance.now()
  const args = [
    '-d',
    '-s',
    String(sessions),
    '-m',
    String(count),
    '-l',
    String(bytes),
    '-f',
    'anna@acme.test',
    '-t',
    'customer@example.test',
    `127.0.0.1:${port}`,
  ]
  const child = startChild(sourceProgram ?? '', args)
  if ((await child.ended) !== 0) throw new Error(`smtp-source: ${child.output()}`)
  return performance.now() - startedAt
}
