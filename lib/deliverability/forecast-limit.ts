import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Actor } from '@/lib/actor/actor'
import { Refusal } from '@/lib/errors'
import { spend } from '@/lib/spend'

const window = 10 * 60
const perLogin = new RateLimiterMemory({ points: 200, duration: window })

/** Only DNS is asked, and mostly what is remembered; the card does so while one types. @throws Refusal `tooManySearches` */
export const takeForecast = ({ loginId }: Actor): Promise<void> =>
  spend([[perLogin, loginId]], () => new Refusal('tooManySearches', undefined, { minutes: window / 60 }))
