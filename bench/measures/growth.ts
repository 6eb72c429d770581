import { arrived, type Bench, dialectName, load, type Measure, rateOf, type Sample, warmUpOf, withCpu } from '../bench'
import { memoryOf, runScript } from '../machine/child'
import { type Dialect, type Installation, startInstallation } from '../machine/installation'
import { forgetAllElse, growTo } from '../machine/seed'

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
      ...(i === 0 ? [memory(bench, installation, dialect, size, label)] : []), // its engine starts anew: before and behind what needs a warm one
      acceptAt(bench, installation, dialect, size, label),
      claimAt(bench, installation, dialect, label),
      ...(label === last ? [memory(bench, installation, dialect, size, label)] : []),
    ]),
    listing(installation, dialect, last, 'page'),
    listing(installation, dialect, last, 'search'),
  ]
}

type Lazy = () => Promise<Installation>

const acceptAt = (bench: Bench, installation: Lazy, dialect: Dialect, size: number, label: string): Measure => ({
  name: `${dialect}-accept-at-${label}`,
  about: `${dialectName[dialect]}: CPU of accepting one message over HTTP with ${label} messages and 10 thousand accounts stored`,
  once: true,
  async run() {
    const grown = await installation()
    await warmUp(bench, grown)
    await growTo(grown, size)
    return medianOf(grown, async count => (await load('http-load.ts', loadOf(grown, 'held', count))).ms)
  },
})

const claimAt = (bench: Bench, installation: Lazy, dialect: Dialect, label: string): Measure => ({
  name: `${dialect}-claim-at-${label}`,
  about: `${dialectName[dialect]}: CPU of accepting, claiming and sending one message with ${label} messages and 10 thousand accounts stored`,
  once: true,
  async run() {
    const grown = await installation()
    return medianOf(grown, count => sendThrough(bench, grown, count))
  },
})

const loadOf = (grown: Installation, company: 'held' | 'flowing', count: number) => {
  const { key, codes } = grown[company]
  return { port: grown.apiPort, key, users: codes, to, count, connections: 20, batch: 1, bytes: 1024 }
}

/** From the first request to the last message at the sink, in milliseconds. */
async function sendThrough({ sink }: Bench, grown: Installation, count: number): Promise<number> {
  sink.restart()
  const { startedAt } = await load('http-load.ts', loadOf(grown, 'flowing', count))
  await arrived(sink, count)
  return sink.lastAt() - startedAt
}

/** An engine that is warm when little is stored is compared with one that is warm when much is; what that took is not stored. */
const warmUp = (bench: Bench, grown: Installation) =>
  grown.warmUp('growth', async () => {
    await sendThrough(bench, grown, warmUpOf(1024))
    await forgetAllElse(grown)
  })

/** The middle one of three, after one that is not counted. */
async function medianOf(grown: Installation, work: (count: number) => Promise<number>): Promise<Sample> {
  await work(1000)
  const found: (Sample & { cpuMicros: number })[] = []
  for (let i = 0; i < 3; i++) {
    const { done: ms, ...cost } = await withCpu(grown.pids(), 3000, () => work(3000))
    found.push({ rate: rateOf(3000, ms), ...cost })
  }
  return found.sort((one, other) => one.cpuMicros - other.cpuMicros)[1] as Sample
}

/** Of the engine alone, newly started, while it takes in and sends ten times 3 000 messages: what it keeps of them would show. */
const memory = (bench: Bench, installation: Lazy, dialect: Dialect, size: number, label: string): Measure => ({
  name: `${dialect}-memory-at-${label}`,
  about: `${dialectName[dialect]}: highest resident memory of the engine with ${label} messages stored, half of them waiting, while it takes in and sends 30 thousand`,
  once: true,
  async run() {
    const grown = await installation()
    await growTo(grown, size)
    await grown.restartEngine()
    const now = () => memoryOf([grown.engine().pid]).megabytes
    const seen = [now()]
    const looking = setInterval(() => seen.push(now()), 250)
    const after: number[] = []
    for (let round = 0; round < 10; round++) {
      await sendThrough(bench, grown, 3000)
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
