import type { Socket } from 'node:net'
import { after, now } from '@/lib/clock'
import type { DoorGuard, DoorLimits } from './door-limits'
import { reply } from './reply'

const refusalsMost = 3 // of one connection

/** One connection to the door: until when it has to do what comes next, its refused logins, and its place among those of its company. */
export class Visit {
  socket: Socket | null = null // of TLS; null before
  private deadline: NodeJS.Timeout // of the login, and then of the next message
  private acceptedAt: Date | null = null // the last message, or the login before the first one; null: nobody has signed in
  private refusals = 0
  private tenantId: string | null = null

  constructor(
    private readonly limits: DoorLimits,
    private readonly guard: DoorGuard,
    private readonly dismiss: (said: Error) => void,
  ) {
    this.deadline = this.dismissIn(limits.loginWithinMs, 'Nobody signed in')
  }

  /** Counts a refused login. After the last that one connection may have it ends, behind the reply to that one. */
  noteRefusal(): void {
    if (++this.refusals >= refusalsMost) setImmediate(() => this.dismiss(reply(421, '4.7.0', 'Too many failed logins')))
  }

  /** Signed in. False, and it has no place: its company has as many connections as one may have. */
  settle(tenantId: string): boolean {
    if (!this.guard.settle(tenantId)) return false
    this.tenantId = tenantId
    this.noteAccepted()
    this.awaitMessage()
    return true
  }

  noteAccepted(): void {
    this.acceptedAt = now()
  }

  /** From now on the next message has so long to begin. It may begin as many as it likes, but one of them is to end. */
  awaitMessage(): void {
    if (!this.acceptedAt) return
    const { betweenMessagesMs, withoutMessageMs } = this.limits
    const barrenMs = after(this.acceptedAt, withoutMessageMs).getTime() - now().getTime()
    const isBarren = barrenMs < betweenMessagesMs
    clearTimeout(this.deadline)
    this.deadline = isBarren
      ? this.dismissIn(Math.max(barrenMs, 0), 'No message was accepted for too long')
      : this.dismissIn(betweenMessagesMs, 'No message came for too long')
  }

  /** What is coming in is not broken off; it has a time of its own. */
  takeMessage(): void {
    clearTimeout(this.deadline)
  }

  end(): void {
    clearTimeout(this.deadline)
    if (this.tenantId) this.guard.depart(this.tenantId)
  }

  private dismissIn(ms: number, why: string): NodeJS.Timeout {
    return setTimeout(() => this.dismiss(reply(421, '4.4.2', why)), ms).unref()
  }
}
