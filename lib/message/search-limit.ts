import { RateLimiterMemory } from 'rate-limiter-flexible'
import { spend, tooManyRequests } from '@/lib/spend'

const perCompany = new RateLimiterMemory({ points: 120, duration: 60 })

/**
 * A search may look through thousands of rows, while others’ mail and pages come in through the same thread. Counted in each process.
 * @throws Refusal `tooManyRequests` when a company searches too often
 */
export const countSearch = ({ tenantId }: { tenantId: string }): Promise<void> => spend([[perCompany, tenantId]], tooManyRequests)
