/**
 * Shares out what all companies use together: bytes in memory, connections. One may have half of what the others leave of it, so that
 * a part stays free for the next, however many of them take all they get.
 */
export class FairShare {
  private readonly ofTenant = new Map<string, number>()
  private taken = 0

  constructor(private readonly most: number) {}

  /** False, and nothing is counted, when that is more than the company may have. */
  take(tenantId: string, amount: number): boolean {
    const own = this.ofTenant.get(tenantId) ?? 0
    const others = this.taken - own
    if (own + amount > (this.most - others) / 2) return false
    this.taken += amount
    this.ofTenant.set(tenantId, own + amount)
    return true
  }

  giveBack(tenantId: string, amount: number): void {
    const own = (this.ofTenant.get(tenantId) ?? 0) - amount
    this.taken -= amount
    if (own > 0) this.ofTenant.set(tenantId, own)
    else this.ofTenant.delete(tenantId)
  }
}
