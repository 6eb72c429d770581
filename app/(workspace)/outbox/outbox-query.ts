import { z } from 'zod'
import { messageStates } from '@/lib/message/message-state'

/** The filters as the address bar keeps them; what makes no sense there is left out. */
const query = z.object({
  state: z.enum(messageStates).optional().catch(undefined),
  q: z
    .string()
    .transform(typed => typed.slice(0, 200))
    .catch('')
    .default(''),
  code: z.string().max(40).catch('').default(''),
  days: z.enum(['1', '7', '30']).optional().catch(undefined),
  before: z.string().max(60).optional().catch(undefined),
})

export type OutboxQuery = z.output<typeof query>

export const parseQuery = (params: unknown): OutboxQuery => query.parse(params)

/** The address of the list with some filters changed; a change starts at the newest again. */
export function outboxHref(filters: OutboxQuery, change: Partial<OutboxQuery>): string {
  return `/outbox${searchOf({ ...filters, before: undefined, ...change })}`
}

/** The address of a message that is opened from the list: it keeps the filters for the way back. */
export const messageHref = (id: string, filters: OutboxQuery) => `/outbox/${id}${searchOf(filters)}`

function searchOf(filters: OutboxQuery): string {
  const entries = Object.entries(filters).filter(([, value]) => value)
  const params = new URLSearchParams(entries as [string, string][]).toString()
  return params ? `?${params}` : ''
}
