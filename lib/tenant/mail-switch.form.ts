import { z } from 'zod'

export const holdForm = z.object({ hold: z.enum(['on', 'off']) })

export const redirectForm = z.object({ redirect: z.enum(['on', 'off']), redirectTo: z.string().default('') })
