import type { Socket } from 'node:net'
import { TransportFailure } from './failure'

const maxReplyChars = 64 * 1024
const maxUnread = 1000 // replies that nobody asked for

/** What a server says on a connection that is ready for mail, reply by reply, and what we write there. Bounded in memory. */
export class Wire {
  private rest = ''
  private reply = ''
  private readonly unread: string[] = []
  private waiting: { resolve: (reply: string) => void; reject: (error: Error) => void } | null = null
  private onHeard: (() => void) | null = null
  private failure: Error | null = null

  constructor(private readonly socket: Socket) {
    socket.on('data', this.onBytes)
    socket.on('error', error => this.fail(error))
    socket.on('close', () => this.fail(new TransportFailure('connectionLost', 'The server closed the connection')))
    socket.on('end', () => this.fail(new TransportFailure('connectionLost', 'The server closed the connection')))
  }

  /** Nothing was said that nobody asked for, and the connection stands. */
  get isQuiet(): boolean {
    return this.failure === null && this.unread.length === 0 && this.rest === '' && this.reply === '' && this.socket.writable
  }

  get hasUnread(): boolean {
    return this.unread.length > 0
  }

  /** @throws the error that the connection broke with */
  assertUnbroken(): void {
    if (this.failure) throw this.failure
  }

  /** The next reply, whole, `250-…` included. */
  next(): Promise<string> {
    const reply = this.unread.shift()
    if (reply !== undefined) return Promise.resolve(reply)
    if (this.failure) return Promise.reject(this.failure)
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject }
    })
  }

  write(bytes: string | Buffer): void {
    if (!this.failure) this.socket.write(bytes)
  }

  /** Writes much: returns when it has gone out, or when the server has spoken meanwhile. */
  writeAll(bytes: Buffer): Promise<void> {
    if (this.failure) return Promise.reject(this.failure)
    if (this.hasUnread) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.onHeard = () => (this.failure && !this.hasUnread ? reject(this.failure) : resolve())
      this.socket.write(bytes, error => {
        this.onHeard = null
        if (error) reject(this.failure ?? error)
        else resolve()
      })
    })
  }

  /** Whoever waits gets this error; so does everybody after. Replies that came before it can still be read. */
  fail(error: Error): void {
    this.failure ??= error
    this.onHeard?.()
    const { waiting } = this
    this.waiting = null
    waiting?.reject(this.failure)
  }

  private readonly onBytes = (chunk: Buffer): void => {
    this.rest += chunk.toString('latin1')
    let from = 0
    for (let end = this.rest.indexOf('\n'); end >= 0; end = this.rest.indexOf('\n', from)) {
      const line = this.rest.slice(from, this.rest.charCodeAt(end - 1) === 13 && end > from ? end - 1 : end)
      from = end + 1
      this.reply = this.reply === '' ? line : `${this.reply}\n${line}`
      if (this.reply.length > maxReplyChars) break
      if (/^\d{3}-/.test(line)) continue
      this.heard(this.reply)
      this.reply = ''
    }
    this.rest = this.rest.slice(from)
    if (this.rest.length > maxReplyChars || this.reply.length > maxReplyChars || this.unread.length > maxUnread) {
      this.rest = ''
      this.unread.length = 0
      this.fail(new TransportFailure('protocol', 'The server does not stop talking'))
      this.socket.destroy()
    }
  }

  private heard(reply: string): void {
    const text = /[\x80-\xff]/.test(reply) ? Buffer.from(reply, 'latin1').toString('utf8') : reply
    const { waiting } = this
    this.waiting = null
    if (waiting) waiting.resolve(text)
    else this.unread.push(text)
    this.onHeard?.()
  }
}
