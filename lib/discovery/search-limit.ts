import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Actor } from '@/lib/actor/actor'
import { Refusal } from '@/lib/errors'

const window = 10 * 60
const perLogin = new RateLimiterMemory({ points: 20, duration: window })
const perCompany = new RateLimiterMemory({ points: 60, duration: window })
const forecastsPerLogin = new RateLimiterMemory({ points: 200, duration: window })

/**
 * Looking at other people's servers has its measure, so that nobody maps a network through us. Counted in each process.
 * @throws Refusal `tooManySearches`
 */
export const takeSearch = ({ loginId, tenantId }: Actor) => take([perLogin, loginId], [perCompany, tenantId])

/** Only DNS is asked, and mostly what is remembered; the card does so while one types. */
export const takeForecast = ({ loginId }: Actor) => take([forecastsPerLogin, loginId])

async function take(...counts: [RateLimiterMemory, string][]): Promise<void> {
  try {
    for (const [limiter, key] of counts) await limiter.consume(key)
  } catch (limit) {
    if (limit instanceof Error) throw limit
    throw new Refusal('tooManySearches', undefined, { minutes: window / 60 })
  }
}
