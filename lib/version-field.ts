import { z } from 'zod'

/** Which state of a row a form was filled in from; no larger than a column holds, or PostgreSQL would stumble over it. */
export const versionField = z.coerce.number().int().min(0).max(2_147_483_647)
