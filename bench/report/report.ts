import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import type { Sample } from '../bench'
import { plot } from './plot'
import { judge, type Verdict } from './targets'

export type Found = { name: string; about: string; sample: Sample | null; all: Sample[]; failure: string | null }
type Run = { startedAt: Date; rounds: number; isQuick: boolean; sink: string; postgres: string | null; isWhole: boolean }

/** Prints the figures beside the targets, and keeps a whole run under bench/results. */
export function report(found: Found[], run: Run): void {
  const verdicts = judge(found)
  console.log(`\n${table(verdicts)}\n`)
  const file = run.isWhole ? (run.isQuick ? 'quick' : 'latest') : 'part'
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version }
  const kept = {
    startedAt: run.startedAt.toISOString(),
    minutes: minutesSince(run.startedAt),
    rounds: run.rounds,
    sink: run.sink,
    postgres: run.postgres,
    machine,
    targets: verdicts,
    measures: found,
  }
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(`bench/results/${file}.json`, `${JSON.stringify(kept, null, 1)}\n`)
  writeFileSync(`bench/results/${file}.svg`, plot(verdicts, `${machine.cores} cores, ${run.startedAt.toISOString().slice(0, 16)}`))
  console.log(`bench/results/${file}.json, .svg`)
}

/** The middle one by its own figure, with its CPU and memory; of an even number what lies half-way between the middle two. */
export function medianOf(samples: Sample[]): Sample | null {
  const figure = ({ rate, value }: Sample) => rate ?? value ?? 0
  const sorted = samples.toSorted((a, b) => figure(a) - figure(b))
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  if (!low || !high || low === high) return low ?? null
  const between = (one: unknown, other: unknown) => (typeof one === 'number' && typeof other === 'number' ? (one + other) / 2 : one)
  return Object.fromEntries(Object.entries(low).map(([key, value]) => [key, between(value, high[key as keyof Sample])]))
}

function table(verdicts: Verdict[]): string {
  const rows = verdicts.map(({ title, figure, target, isMet }) => [title, figure, target, isMet === null ? 'not measured' : isMet ? 'met' : 'NOT MET'])
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')
}

const minutesSince = (start: Date) => Math.round((Date.now() - start.getTime()) / 6000) / 10
