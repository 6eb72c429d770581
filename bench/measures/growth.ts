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
    ...sizes.flatMap(([size, label], i) => [
      acceptAt(installation, dialect, size, label),
      claimAt(bench, installation, dialect, label),
      ...(i === 0 || label === last ? [memory(bench, installation, dialect, label)] : []),
    ]),
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

/** Of the engine alone, newly started, while it takes in and sends ten times 3 000 messages: what it keeps of them would show. */
const memory = (bench: Bench, installation: Lazy, dialect: Dialect, label: string): Measure => ({
  name: `${dialect}-memory-at-${label}`,
  about: `${dialectName[dialect]}: highest resident memory of the engine with ${label} messages stored, half of them waiting, while it takes in and sends 30 thousand`,
  once: true,
  async run() {
    const grown = await installation()
    await grown.restartEngine()
    const now = () => memoryOf([grown.engine().pid]).megabytes
    const seen = [now()]
    const looking = setInterval(() => seen.push(now()), 250)
    const after: number[] = []
    for (let round = 0; round < 10; round++) {
      bench.sink.restart()
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
      await arrived(bench.sink, 3000)
      after.push(now())
    }
    clearInterval(looking)
    return { value: Math.max(...seen, ...after), unit: 'MB', note: `${seen[0]} MB at the start, then after each 3 000: ${after.join(', ')}` }
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
