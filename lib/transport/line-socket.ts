import type { Socket } from 'node:net'
import { TransportFailure } from './failure'

const maxBytes = 16_384

/** The few lines of a probe: says one, reads one reply. Whatever else the server says is not kept. */
export class LineSocket implements Disposable {
  private text = ''
  private failure: Error | null = null
  private wake: () => void = () => undefined
  private isReleased = false

  constructor(readonly socket: Socket) {
    socket.setEncoding('latin1')
    socket.on('data', this.onData).on('error', this.onError).on('close', this.onClose)
  }

  write(line: string): void {
    if (this.socket.writable) this.socket.write(`${line}\r\n`)
  }

  /** The texts of a positive reply, one for each line. @throws TransportFailure for any other, for silence and for a broken connection */
  async reply(ms: number): Promise<string[]> {
    const timer = setTimeout(() => this.fail(new TransportFailure('timeout')), ms)
    try {
      for (;;) {
        const whole = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/.exec(this.text)?.[0]
        if (whole) {
          this.text = this.text.slice(whole.length)
          const lines = whole.trimEnd().split(/\r?\n/)
          if (!lines[0]?.startsWith('2')) throw new TransportFailure('refused', lines.join('\n'))
          return lines.map(line => line.slice(4))
        }
        if (this.failure) throw this.failure
        if (this.text.length > maxBytes || /^(?!\d)[^\n]*\n/.test(this.text)) throw new TransportFailure('protocol')
        await new Promise<void>(resolve => {
          this.wake = resolve
        })
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Gives the connection to somebody else: to TLS. Nothing that was said in the open counts there. */
  release(): Socket {
    this.isReleased = true
    this.socket.off('data', this.onData).off('error', this.onError).off('close', this.onClose)
    this.socket.setEncoding()
    return this.socket
  }

  [Symbol.dispose](): void {
    if (this.isReleased) return
    this.socket.on('error', () => undefined).end()
    setTimeout(() => this.socket.destroy(), 200).unref()
  }

  private onData = (chunk: string) => {
    this.text += chunk
    this.wake()
  }
  private onError = (error: Error) => this.fail(error)
  private onClose = () => this.fail(new TransportFailure('connectionLost'))

  private fail(error: Error): void {
    this.failure ??= error
    this.wake()
  }
}
