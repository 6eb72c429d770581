import type { Sample } from '../bench'
import type { Found } from './report'

export type Verdict = { title: string; figure: string; target: string; ratio: number | null; wanted: number; isAtMost: boolean; isMet: boolean | null }

type Field = 'rate' | 'cpuMicros' | 'value'
type Target = { title: string; of: string; to?: string; field?: Field; atLeast?: number; atMost?: number; unit?: string }

/** The ratios to reach, to anchors of the same run. */
const targets: Target[] = [
  ...both('HTTP, single messages : Postfix accepts', 'http-single-1k', 'postfix-accept-1k', { sqlite: 6, postgres: 3 }),
  ...both('HTTP, batches of 100 : Postfix accepts', 'http-batch-1k', 'postfix-accept-1k', { sqlite: 12, postgres: 6 }),
  ...both('SMTP door, TLS and AUTH : Postfix accepts with neither', 'door-1k', 'postfix-accept-1k', { sqlite: 2, postgres: 2 }),
  ...both('through 1 KB : Postfix', 'through-1k', 'postfix-through-1k', { sqlite: 3.5, postgres: 3.5 }),
  ...both('through 1 KB : nodemailer, nothing durable', 'through-1k', 'nodemailer-objects-1k', { sqlite: 0.8, postgres: 0.8 }),
  ...both('through 50 KB : Postfix', 'through-50k', 'postfix-through-50k', { sqlite: 2, postgres: 2 }),
  ...both('through 50 KB : nodemailer, nothing durable', 'through-50k', 'nodemailer-objects-50k', { sqlite: 0.7, postgres: 0.7 }),
  ...['sqlite', 'postgres'].map(dialect => ({
    title: `${words(dialect)}: CPU a message, through : Postfix's`,
    of: `${dialect}-through-1k`,
    to: 'postfix-through-1k',
    field: 'cpuMicros' as const,
    atMost: 0.25,
  })),
  ...both('server 50 ms away, 3 connections : nodemailer', 'far-3', 'nodemailer-far-3', { sqlite: 0.95, postgres: 0.95 }),
  ...(['sqlite', 'postgres'] as const).flatMap(dialect => [
    { title: `${words(dialect)}: an invoice while 50 000 letters run, p99`, of: `${dialect}-fair`, field: 'value' as const, atMost: 500, unit: 'ms' },
    ...(['accept', 'claim'] as const).map(what => ({
      title: `${words(dialect)}: CPU of ${what === 'accept' ? 'accepting' : 'accepting, claiming, sending'} at 1 million : at 1 thousand`,
      of: `${dialect}-${what}-at-1m`,
      to: `${dialect}-${what}-at-1k`,
      field: 'cpuMicros' as const,
      atMost: 1.5,
    })),
    { title: `${words(dialect)}: memory of the engine at 1 million`, of: `${dialect}-memory-at-1m`, field: 'value' as const, atMost: 300, unit: 'MB' },
    {
      title: `${words(dialect)}: memory of the engine at 1 million : at 1 thousand`,
      of: `${dialect}-memory-at-1m`,
      to: `${dialect}-memory-at-1k`,
      field: 'value' as const,
      atMost: 1.15, // "flat", with room for when a collection happens to come
    },
    { title: `${words(dialect)}: a page of the outbox at 1 million`, of: `${dialect}-page-at-1m`, field: 'value' as const, atMost: 150, unit: 'ms' },
    { title: `${words(dialect)}: a search in the outbox at 1 million`, of: `${dialect}-search-at-1m`, field: 'value' as const, atMost: 150, unit: 'ms' },
  ]),
]

function both(title: string, of: string, to: string, least: { sqlite: number; postgres: number }): Target[] {
  return (['sqlite', 'postgres'] as const).map(dialect => ({ title: `${words(dialect)}: ${title}`, of: `${dialect}-${of}`, to, atLeast: least[dialect] }))
}

function words(dialect: string): string {
  return dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL'
}

/** Each target beside what was found; a figure that is missing is neither met nor failed. */
export function judge(found: Found[]): Verdict[] {
  const figureOf = (name: string, field: Field): number | null => {
    const sample: Sample | null = found.find(one => one.name === name)?.sample ?? null
    return sample?.[field] ?? null
  }
  return targets.map(({ title, of, to, field = 'rate', atLeast, atMost, unit = '' }) => {
    const own = figureOf(of, field)
    const anchor = to === undefined ? 1 : figureOf(to, field)
    const ratio = own === null || anchor === null ? null : own / anchor
    const wanted = atLeast ?? atMost ?? 0
    const isMet = ratio === null ? null : atLeast === undefined ? ratio <= wanted : ratio >= wanted
    const sign = atLeast === undefined ? '≤' : '≥'
    const factor = to === undefined ? unit : '×'
    return {
      title,
      ratio,
      wanted,
      isAtMost: atLeast === undefined,
      isMet,
      target: `${sign} ${wanted} ${factor}`.trim(),
      figure:
        ratio === null ? '–' : to === undefined ? `${round(ratio)} ${unit}`.trim() : `${round(ratio)} × (${Math.round(own ?? 0)} : ${Math.round(anchor ?? 0)})`,
    }
  })
}

const round = (value: number) => Math.round(value * 100) / 100
