import { RateLimiterMemory } from 'rate-limiter-flexible'
import { minutes, seconds } from '@/lib/clock'
import { ConnectionCount } from '@/lib/connection-count'
import { FairShare } from '@/lib/fair-share'
import { networkOf } from '@/lib/network'

export type DoorLimits = {
  connections: number // at the same time
  connectionsPerAddress: number
  connectionsPerCompany: number // signed in, and half of what other companies leave of all
  loginWithinMs: number // from the connection to a login that is right; the TLS handshake as well
  idleMs: number // RFC 5321 section 4.5.3.2.7: five minutes
  betweenMessagesMs: number // signed in and handing nothing over, however often it says NOOP
  withoutMessageMs: number // signed in and getting none accepted, however many it begins (Exchange: ConnectionTimeout; Postfix counts its RSET)
  messageWithinMs: number // from the answer to DATA to the final dot
  loginsRefused: number // of one user name from one address in ten minutes
  loginsRefusedPerAddress: number
  bytesAtOnce: number // of messages that are coming in; of one company half of what others leave of it
}

export const usualLimits: DoorLimits = {
  connections: 300,
  connectionsPerAddress: 60,
  connectionsPerCompany: 100,
  loginWithinMs: minutes(1),
  idleMs: minutes(5),
  betweenMessagesMs: minutes(30),
  withoutMessageMs: minutes(60),
  messageWithinMs: minutes(10),
  loginsRefused: 10,
  loginsRefusedPerAddress: 100,
  bytesAtOnce: 256 * 1024 * 1024,
}

/** Counts connections by where they come from and for whom, and refused logins. */
export class DoorGuard {
  private readonly open = new ConnectionCount()
  private readonly signedIn: FairShare
  private readonly ofTenant = new Map<string, number>()
  private readonly byName: RateLimiterMemory
  private readonly byAddress: RateLimiterMemory

  constructor(private readonly limits: DoorLimits) {
    this.signedIn = new FairShare(limits.connections)
    const duration = minutes(10) / seconds(1)
    this.byName = new RateLimiterMemory({ keyPrefix: 'name', points: limits.loginsRefused, duration })
    this.byAddress = new RateLimiterMemory({ keyPrefix: 'address', points: limits.loginsRefusedPerAddress, duration })
  }

  /** Counts a connection as soon as TCP has it. False, and not counted: there are as many again of this address as one may have. */
  enter(address: string): boolean {
    return this.open.enter(address, 2 * this.limits.connectionsPerAddress)
  }

  /** Whether this address has more connections than one may have: a session can be told so. */
  hasTooMany(address: string): boolean {
    return this.open.of(address) > this.limits.connectionsPerAddress
  }

  leave(address: string): void {
    this.open.leave(address)
  }

  /** Counts one that has signed in. False, and not counted: its company has as many as one may have, or its share of all. */
  settle(tenantId: string): boolean {
    const count = this.ofTenant.get(tenantId) ?? 0
    if (count >= this.limits.connectionsPerCompany || !this.signedIn.take(tenantId, 1)) return false
    this.ofTenant.set(tenantId, count + 1)
    return true
  }

  depart(tenantId: string): void {
    this.signedIn.giveBack(tenantId, 1)
    const count = (this.ofTenant.get(tenantId) ?? 1) - 1
    if (count > 0) this.ofTenant.set(tenantId, count)
    else this.ofTenant.delete(tenantId)
  }

  async mayTry(address: string, username: string): Promise<boolean> {
    const [name, network] = [await this.byName.get(nameKey(address, username)), await this.byAddress.get(networkOf(address))]
    return (name?.consumedPoints ?? 0) < this.limits.loginsRefused && (network?.consumedPoints ?? 0) < this.limits.loginsRefusedPerAddress
  }

  async noteRefusal(address: string, username: string): Promise<void> {
    await this.byName.penalty(nameKey(address, username))
    await this.byAddress.penalty(networkOf(address))
  }
}

const nameKey = (address: string, username: string) => `${networkOf(address)} ${username.slice(0, 200).toLowerCase()}`
