import type { SMTPServerDataStream } from 'smtp-server'

/** What a message that comes in may take: room in this process, and time. */
export type Intake = { take(bytes: number): boolean; giveBack(bytes: number): void; withinMs: number; onLate(): void }

/**
 * Reads a message into memory. What is too large is counted by smtp-server and not kept here; null when more comes in at
 * once than is to be held. A client that goes away, or does not come to an end in time, leaves nothing behind.
 */
export function collect(stream: SMTPServerDataStream, { take, giveBack, withinMs, onLate }: Intake, done: (raw: Buffer | null) => void): void {
  let chunks: Buffer[] = []
  let [held, isTooMuch] = [0, false]
  const drop = () => {
    giveBack(held)
    held = 0
    chunks = []
  }
  const refuse = () => {
    isTooMuch = true
    drop()
  }
  const deadline = setTimeout(() => {
    refuse()
    onLate()
  }, withinMs).unref()
  stream.on('data', (chunk: Buffer) => {
    if (isTooMuch || stream.sizeExceeded) return drop()
    if (!take(chunk.length)) return refuse()
    held += chunk.length
    chunks.push(chunk)
  })
  stream.on('error', () => undefined) // the client went away
  stream.on('close', () => {
    clearTimeout(deadline)
    if (!stream.readableEnded) drop()
  })
  stream.on('end', () => {
    clearTimeout(deadline)
    done(isTooMuch ? null : chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
  })
}
