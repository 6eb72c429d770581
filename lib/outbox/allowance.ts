import type { Db } from '@/db/client'
import type { Account } from '@/db/schema'
import { type Limits, limitsOf } from '@/lib/account/limits'
import { hourOf, type Usage, usageOf, usedAt } from '@/lib/account/usage'
import { after, hours, now } from '@/lib/clock'

/**
 * What may leave through an account now: its rate and its quota of 24 hours. The rate is kept as one instant, how far the
 * messages sent so far reach at the rate allowed (GCRA), which goes from lease to lease with the account; so it is exact
 * whoever drains it. A few may go at once, and of any 60 seconds no more leave than the limit says.
 */
export class Allowance {
  pacedUntil: Date | undefined // undefined: nothing to write down
  readonly limits: Limits
  private reach: number
  private used: number
  constructor(
    private readonly limitsAt: (at: Date) => Limits, // what was learned grows with time
    private readonly usage: Usage,
    pacedUntil: Date | null,
    private readonly lately: number[],
  ) {
    this.limits = limitsAt(now())
    this.reach = pacedUntil?.getTime() ?? 0
    this.used = usage.used
  }

  /** How many messages may be begun now. */
  room(): number {
    return Math.min(this.roomOfRate(), this.roomOfQuota())
  }

  /** Whether so many recipients still fit; a message larger than the whole quota goes when nothing else went. */
  fits(recipientCount: number): boolean {
    return isWithin(this.limits, this.used, recipientCount)
  }

  begin(recipientCount: number): void {
    this.used += recipientCount
    this.usage.hours.push({ hour: hourOf(now()), count: recipientCount })
    this.lately.push(now().getTime())
    if (this.lately.length > 2000) this.lately.splice(0, 1000)
    const { perMinute } = this.limits
    if (perMinute === null) return
    this.reach = Math.max(this.reach, now().getTime()) + this.interval(perMinute)
    this.pacedUntil = new Date(this.reach)
  }

  /** What the server did not take is not counted against the quota. */
  takeBack(recipientCount: number): void {
    if (recipientCount === 0) return
    this.used -= recipientCount
    this.usage.hours.push({ hour: hourOf(now()), count: -recipientCount })
  }

  /** When the next may be begun; `recipientCount` of it, where that is what did not fit. */
  freeAt(recipientCount = 1): Date {
    if (!this.fits(recipientCount) || this.roomOfQuota() <= 0) return this.quotaFreeAt(recipientCount)
    const { perMinute } = this.limits
    return perMinute === null ? now() : after(new Date(this.reach), -(this.burst(perMinute) - 1) * this.interval(perMinute))
  }

  /** The first hour of the clock at which so many fit: some of those before count no more, or a limit that was learned has grown. */
  private quotaFreeAt(recipientCount: number): Date {
    let at = after(hourOf(now()), hours(1))
    while (!isWithin(this.limitsAt(at), usedAt(this.usage.hours, at), recipientCount)) at = after(at, hours(1)) // a day later nothing counts
    return at
  }

  /** Messages begun in the last minute, as far as this engine knows. */
  get beganLately(): number {
    const since = now().getTime() - 60_000
    return this.lately.filter(at => at > since).length
  }

  private roomOfRate(): number {
    const { perMinute } = this.limits
    if (perMinute === null) return Number.POSITIVE_INFINITY
    const ahead = Math.max(0, this.reach - now().getTime())
    return Math.max(0, Math.floor(this.burst(perMinute) - ahead / this.interval(perMinute) + 1e-6))
  }

  private roomOfQuota(): number {
    const { recipientsPerDay } = this.limits
    return recipientsPerDay === null ? Number.POSITIVE_INFINITY : Math.max(0, recipientsPerDay - this.used)
  }

  private burst = (perMinute: number) => Math.max(1, Math.min(3, Math.floor(perMinute / 4)))
  /** Burst and a minute at this pace together are what is allowed. */
  private interval = (perMinute: number) => 60_000 / Math.max(1, perMinute - this.burst(perMinute) + (perMinute === 1 ? 1 : 0))
}

const isWithin = ({ recipientsPerDay }: Limits, used: number, recipientCount: number) =>
  recipientsPerDay === null || used === 0 || used + recipientCount <= recipientsPerDay

/** `lately`: when this engine began the account's messages of the last minute; it is added to. */
export async function loadAllowance(db: Db, account: Account, lately: number[]): Promise<Allowance> {
  const isCounted = limitsOf(account).recipientsPerDay !== null
  const usage = isCounted ? await usageOf(db, account.id) : { used: 0, hours: [] }
  return new Allowance(at => limitsOf(account, at), usage, account.pacedUntil, lately)
}
