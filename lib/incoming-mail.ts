/** How much of the mail that is coming in by one way is held in memory: so much of all, and of one company half of that at most. */
export class IncomingMail {
  private readonly ofTenant = new Map<string, number>()
  private held = 0

  constructor(private readonly mostBytes: number) {}

  /** False, and nothing is counted, when that is more than may be held. */
  take(tenantId: string, bytes: number): boolean {
    const own = (this.ofTenant.get(tenantId) ?? 0) + bytes
    if (this.held + bytes > this.mostBytes || own > this.mostBytes / 2) return false
    this.held += bytes
    this.ofTenant.set(tenantId, own)
    return true
  }

  giveBack(tenantId: string, bytes: number): void {
    const own = (this.ofTenant.get(tenantId) ?? 0) - bytes
    this.held -= bytes
    if (own > 0) this.ofTenant.set(tenantId, own)
    else this.ofTenant.delete(tenantId)
  }
}
