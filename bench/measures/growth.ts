import { arrived, type Bench, dialectName, load, type Measure, rateOf, withCpu } from '../bench'
import { memoryOf, runScript } from '../machine/child'
import { type Dialect, type Installation, startInstallation } from '../machine/installation'
import { growTo } from '../machine/seed'

const to = 'customer@example.test'
const labels: [number, string][] = [
  [1000, '1k'],
  [100_000, '100k'],
  [1_000_000, '1m'],
]

/** The same work with more and more stored before it, in one installation that grows: half of it accepted, half waiting. */
export function growth(bench: Bench, dialect: Dialect, postgres: { url: string; pid: number } | null, atEnd: (stop: () => unknown) => void): Measure[] {
  let grown: Promise<Installation> | undefined
  const installation = () => {
    grown ??= startInstallation({ dialect, postgres, sinkPort: bench.sink.port }).then(made => {
      atEnd(() => made.stop())
      return made
    })
    return grown
  }
  const sizes = bench.isQuick ? labels.slice(0, 2) : labels
  const last = sizes.at(-1)?.[1] ?? ''
  return [
    ...sizes.flatMap(([size, label]) => [acceptAt(installation, dialect, size, label), claimAt(bench, installation, dialect, label)]),
    memory(installation, dialect, last),
    listing(installation, dialect, last, 'page'),
    listing(installation, dialect, last, 'search'),
  ]
}

type Lazy = () => Promise<Installation>

const acceptAt = (installation: Lazy, dialect: Dialect, size: number, label: string): Measure => ({
  name: `${dialect}-accept-at-${label}`,
  about: `${dialectName[dialect]}: CPU of accepting one message over HTTP with ${label} messages and 10 thousand accounts stored`,
  once: true,
  async run() {
    const grown = await installation()
    await growTo(grown, size)
    const run = (count: number) =>
      load('http-load.ts', { port: grown.apiPort, key: grown.held.key, users: grown.held.codes, to, count, connections: 20, batch: 1, bytes: 1024 })
    await run(1500) // what runs for the first time is slow
    const { done, ...cost } = await withCpu(grown.pids(), 3000, () => run(3000))
    return { rate: rateOf(3000, done.ms), ...cost }
  },
})

const claimAt = (bench: Bench, installation: Lazy, dialect: Dialect, label: string): Measure => ({
  name: `${dialect}-claim-at-${label}`,
  about: `${dialectName[dialect]}: CPU of accepting, claiming and sending one message with ${label} messages and 10 thousand accounts stored`,
  once: true,
  async run() {
    const grown = await installation()
    const { sink } = bench
    const run = async (count: number) => {
      sink.restart()
      const { startedAt } = await load('http-load.ts', {
        port: grown.apiPort,
        key: grown.flowing.key,
        users: grown.flowing.codes,
        to,
        count,
        connections: 20,
        batch: 1,
        bytes: 1024,
      })
      await arrived(sink, count)
      return sink.lastAt() - startedAt
    }
    await run(1000)
    const { done: ms, ...cost } = await withCpu(grown.pids(), 3000, () => run(3000))
    return { rate: rateOf(3000, ms), ...cost }
  },
})

/** Of the engine alone, after what it did above; once more while it takes in and sends. */
const memory = (installation: Lazy, dialect: Dialect, label: string): Measure => ({
  name: `${dialect}-memory-at-${label}`,
  about: `${dialectName[dialect]}: resident memory of the engine with ${label} messages stored, half of them waiting`,
  once: true,
  async run() {
    const grown = await installation()
    await grown.restartEngine()
    const seen: number[] = []
    const looking = setInterval(() => seen.push(memoryOf([grown.engine().pid]).megabytes), 250)
    for (let count = 0; count < 3; count++) {
      await load('http-load.ts', {
        port: grown.apiPort,
        key: grown.flowing.key,
        users: grown.flowing.codes,
        to,
        count: 3000,
        connections: 20,
        batch: 1,
        bytes: 1024,
      })
    }
    clearInterval(looking)
    return { value: Math.max(...seen), unit: 'MB', note: `${seen[0]} MB at the start, ${seen.at(-1)} MB at the end` }
  },
})

const listing = (installation: Lazy, dialect: Dialect, label: string, what: 'page' | 'search'): Measure => ({
  name: `${dialect}-${what}-at-${label}`,
  about: `${dialectName[dialect]}: ${what === 'page' ? 'a page of the outbox' : 'a search in the outbox'} with ${label} messages of the company, the slowest kind, median of 5`,
  once: true,
  async run() {
    const grown = await installation()
    const { ms, slowest } = await runScript<{ ms: number; slowest: string }>('list.ts', { slug: grown.flowing.slug, what }, grown.env)
    return { value: ms, unit: 'ms', note: slowest }
  },
})
