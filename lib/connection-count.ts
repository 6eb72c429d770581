import { networkOf } from './network'

/** Counts open connections by whose address they come from. */
export class ConnectionCount {
  private readonly open = new Map<string, number>()

  /** Counts one more. False, and not counted, where there are `most` of this address already. */
  enter(address: string, most: number): boolean {
    const count = this.of(address)
    if (count >= most) return false
    this.open.set(networkOf(address), count + 1)
    return true
  }

  leave(address: string): void {
    const count = this.of(address) - 1
    if (count > 0) this.open.set(networkOf(address), count)
    else this.open.delete(networkOf(address))
  }

  of(address: string): number {
    return this.open.get(networkOf(address)) ?? 0
  }
}
