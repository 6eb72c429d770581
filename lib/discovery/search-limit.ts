import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Actor } from '@/lib/actor/actor'
import { Refusal } from '@/lib/errors'
import { spend } from '@/lib/spend'

const window = 10 * 60
const perLogin = new RateLimiterMemory({ points: 20, duration: window })
const perCompany = new RateLimiterMemory({ points: 60, duration: window })

/**
 * Looking at other people's servers has its measure, so that nobody maps a network through us. Counted in each process.
 * @throws Refusal `tooManySearches`
 */
export const takeSearch = ({ loginId, tenantId }: Actor): Promise<void> =>
  spend(
    [
      [perLogin, loginId],
      [perCompany, tenantId],
    ],
    () => new Refusal('tooManySearches', undefined, { minutes: window / 60 }),
  )
