import { createHash } from 'node:crypto'
import type { SmtpSession } from './smtp-session'
import type { SubmissionServer } from './submission'

const idleMs = 10_000
const messagesEach = 200 // then a new connection: some servers count
const mostIdle = 500

type Idle = { session: SmtpSession; until: number }

/**
 * Connections that are signed in and wait for the next message, kept for the account and login they were made for and
 * for nothing else. One that the server closes, or that waits too long, is forgotten.
 */
export class SessionPool {
  private readonly idle = new Map<string, Idle[]>()
  private count = 0
  private sweeping: NodeJS.Timeout | null = null

  /** What belongs to one account; another login, server or token is another place. */
  of(accountId: string, server: SubmissionServer): PooledSessions {
    const place = createHash('sha256')
      .update(JSON.stringify([accountId, server]))
      .digest('base64')
    return { take: () => this.take(place), keep: session => this.keep(place, session) }
  }

  private take(place: string): SmtpSession | null {
    const waiting = this.idle.get(place)
    for (let found = waiting?.pop(); found; found = waiting?.pop()) {
      this.count--
      if (found.session.isReusable && found.until > Date.now()) return found.session
      found.session.close()
    }
    this.idle.delete(place)
    return null
  }

  private keep(place: string, session: SmtpSession): void {
    if (!session.isReusable || session.messageCount >= messagesEach || this.count >= mostIdle) {
      session.close()
      return
    }
    this.idle.set(place, [...(this.idle.get(place) ?? []), { session, until: Date.now() + idleMs }])
    this.count++
    this.sweeping ??= setInterval(() => this.sweep(Date.now()), 2000).unref()
  }

  private sweep(at: number): void {
    for (const [place, waiting] of this.idle) {
      const [over, still] = [
        waiting.filter(({ until, session }) => until <= at || !session.isReusable),
        waiting.filter(({ until, session }) => until > at && session.isReusable),
      ]
      for (const { session } of over) session.close()
      this.count -= over.length
      if (still.length > 0) this.idle.set(place, still)
      else this.idle.delete(place)
    }
    if (this.count > 0 || !this.sweeping) return
    clearInterval(this.sweeping)
    this.sweeping = null
  }

  /** Takes leave of all of them. */
  close(): void {
    this.sweep(Number.POSITIVE_INFINITY)
  }
}

export type PooledSessions = { take(): SmtpSession | null; keep(session: SmtpSession): void }
