import { type RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Refusal } from './errors'

/** Takes a point from each measure, counted in this process. @throws the refusal, made for the first that has none left */
export async function spend(counts: [RateLimiterMemory, string][], refusal: (limiter: RateLimiterMemory, spent: RateLimiterRes) => Refusal): Promise<void> {
  for (const [limiter, key] of counts) {
    try {
      await limiter.consume(key)
    } catch (error) {
      throw error instanceof RateLimiterRes ? refusal(limiter, error) : error
    }
  }
}

/** When a point comes back. */
export const tooManyRequests = (_limiter: RateLimiterMemory, { msBeforeNext }: RateLimiterRes) =>
  new Refusal('tooManyRequests', undefined, { seconds: Math.max(1, Math.ceil(msBeforeNext / 1000)) })
