import { z } from 'zod'

export const holdForm = z.object({ hold: z.enum(['on', 'off']) })

/** An empty address ends the redirection. */
export const redirectForm = z.object({ redirectTo: z.string().default('') })
