import type { Limits } from '@/lib/account/limits'

/** How an engine's accounts share a server that bears only so many connections of all of them, such as the platform's relay. */
export class Shares {
  private readonly turns = new Map<string, number>() // under way, by the name of their limits

  /** Counts an account in for as long as it sends. */
  async during<T>({ name }: Limits, send: () => Promise<T>): Promise<T> {
    this.count(name, 1)
    try {
      return await send()
    } finally {
      this.count(name, -1)
    }
  }

  /** The connections that each account of these limits may hold now, at least one. */
  of({ name, connections, connectionsOfEngine }: Limits): number {
    if (connectionsOfEngine === null) return connections
    return Math.max(1, Math.min(connections, Math.floor(connectionsOfEngine / (this.turns.get(name) ?? 1))))
  }

  private count(name: string, change: 1 | -1): void {
    this.turns.set(name, (this.turns.get(name) ?? 0) + change)
  }
}
