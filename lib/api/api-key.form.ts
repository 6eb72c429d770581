import { z } from 'zod'
import { longestName } from '@/lib/card/name'
import { parseNetwork, writeNetwork } from '@/lib/network'

const list = z.preprocess(
  value => (Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[\s,;]+/) : []).filter(Boolean),
  z.array(z.string()),
)

/** A new key as its form posts it. The cards are named, or all of them by an explicit choice; never by leaving a field empty. */
export const apiKeyForm = z
  .object({
    name: z
      .string()
      .default('')
      .transform(text => text.trim())
      .pipe(z.string().min(1, 'nameNeeded').max(longestName, 'nameTooLong')),
    scope: z.enum(['send', 'read'], { error: 'choiceNeeded' }),
    cards: z.enum(['all', 'named'], { error: 'choiceNeeded' }),
    codes: list.transform(codes => [...new Set(codes.map(code => code.trim().toUpperCase()))]),
    addresses: list.transform((addresses, context) => addresses.map(text => asNetwork(text) ?? invalidRange(context, text))),
    expires: z
      .string()
      .default('')
      .transform((text, context) => (text === '' ? null : (endOfDay(text) ?? invalidDay(context)))),
  })
  .superRefine(({ cards, codes }, context) => {
    if (cards === 'named' && codes.length === 0) context.addIssue({ code: 'custom', path: ['codes'], message: 'keyNeedsCards' })
  })

export type ApiKeyInput = z.output<typeof apiKeyForm>

function asNetwork(text: string): string | null {
  const network = parseNetwork(text)
  return network && writeNetwork(network)
}

function endOfDay(text: string): Date | null {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T23:59:59.999Z`) : null
  return day && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? day : null
}

type Context = { addIssue(issue: { code: 'custom'; message: string; params?: Record<string, string> }): void }
function invalidRange(context: Context, text: string): never {
  context.addIssue({ code: 'custom', message: 'addressRangeInvalid', params: { text } })
  return z.NEVER
}
function invalidDay(context: Context): never {
  context.addIssue({ code: 'custom', message: 'dayInvalid' })
  return z.NEVER
}
