import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'

const list = z.preprocess(value => (Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[\s,]+/) : []).filter(Boolean), z.array(z.string()))

/** A new key as its form posts it. The cards are named, or all of them by an explicit choice; never by leaving a field empty. */
export const apiKeyForm = z
  .object({
    name: z
      .string()
      .default('')
      .transform(text => text.trim())
      .pipe(z.string().min(1, 'nameNeeded').max(100, 'nameTooLong')),
    scope: z.enum(['send', 'read'], { error: 'choiceNeeded' }),
    cards: z.enum(['all', 'named'], { error: 'choiceNeeded' }),
    codes: list.transform(codes => [...new Set(codes.map(code => code.trim().toUpperCase()))]),
    addresses: list.transform((addresses, context) => addresses.map(text => parseRange(text) ?? invalidRange(context))),
    expires: z
      .string()
      .default('')
      .transform((text, context) => (text === '' ? null : (endOfDay(text) ?? invalidDay(context)))),
  })
  .superRefine(({ cards, codes }, context) => {
    if (cards === 'named' && codes.length === 0) context.addIssue({ code: 'custom', path: ['codes'], message: 'keyNeedsCards' })
  })

export type ApiKeyInput = z.output<typeof apiKeyForm>

/** An address or a network, written one way; null when it is neither. Of what is short for others (`10`, `010.0.0.1`) it would be another than meant. */
export function parseRange(text: string): string | null {
  const [written = '', bits, ...more] = text.split('/')
  if (isIP(written) === 0 || written.includes('%') || more.length > 0) return null
  const address = ipaddr.parse(written)
  const most = address.kind() === 'ipv4' ? 32 : 128
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)) return null
  return writeRange(address, bits === undefined ? most : Number(bits))
}

/** A caller with an IPv4 address is known by that, never by the IPv6 form of it. */
function writeRange(address: ipaddr.IPv4 | ipaddr.IPv6, bits: number): string | null {
  if (!(address instanceof ipaddr.IPv6) || !address.isIPv4MappedAddress()) return `${address}/${bits}`
  return bits < 96 ? null : `${address.toIPv4Address()}/${bits - 96}`
}

function endOfDay(text: string): Date | null {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T23:59:59.999Z`) : null
  return day && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? day : null
}

type Context = { addIssue(issue: { code: 'custom'; message: string }): void }
function invalidRange(context: Context): never {
  context.addIssue({ code: 'custom', message: 'addressRangeInvalid' })
  return z.NEVER
}
function invalidDay(context: Context): never {
  context.addIssue({ code: 'custom', message: 'dayInvalid' })
  return z.NEVER
}
