import type { LoadResult } from './client/letter'
import { cpuSecondsOf, memoryOf, runScript } from './machine/child'
import type { Dialect, Installation } from './machine/installation'
import type { Postfix } from './machine/postfix'
import type { Sink } from './machine/sink'

/** What one run found. `rate` is messages a second; `value` anything else, in `unit`. */
export type Sample = { rate?: number; value?: number; unit?: string; cpuMicros?: number; megabytes?: number; processes?: number; note?: string }

/** A thing that is measured. Rounds go through all of them in turn, so that whatever else the machine does falls on each alike. */
export type Measure = { name: string; about: string; once?: boolean; run(): Promise<Sample> }

export type Bench = { sink: Sink; postfix: Postfix | null; installations: Installation[]; isQuick: boolean; scale: number }

export const dialectName: Record<Dialect, string> = { sqlite: 'SQLite', postgres: 'PostgreSQL' }

/** Runs a load and checks that all of it was taken. */
export async function load(file: string, options: object): Promise<LoadResult> {
  const result = await runScript<LoadResult>(file, options)
  if (result.failed > 0) throw new Error(`${file}: ${result.failed} of ${result.count + result.failed} refused, the first with: ${result.firstFailure}`)
  return result
}

/**
 * JavaScript that runs for the first time is slow, and an engine runs for weeks: so many messages go ahead of what is measured, ours
 * and nodemailer's alike. V8 goes on compiling anew for about as long: of an engine on PostgreSQL the rate grew by a sixth up to here.
 */
export const warmUpOf = (bytes: number) => (bytes > 10_000 ? 5000 : 30_000)

export const rateOf = (count: number, ms: number) => (count / ms) * 1000

/** What `work` costs in CPU of these process trees, a message. */
export async function withCpu<T>(
  pids: number[],
  count: number,
  work: () => Promise<T>,
): Promise<{ done: T; cpuMicros: number; megabytes: number; processes: number }> {
  const before = cpuSecondsOf(pids)
  const done = await work()
  return { done, cpuMicros: Math.round(((cpuSecondsOf(pids) - before) / count) * 1e6), ...memoryOf(pids) }
}

/** Waits until everything reached the sink. @throws Error when it does not come */
export async function arrived(sink: Sink, count: number): Promise<void> {
  if (!(await sink.until(count, 90_000))) throw new Error(`only ${sink.count()} of ${count} messages reached the sink in 90 seconds`)
}
