import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Refusal } from '@/lib/errors'

export const mostBytes = 64 * 1024 * 1024 // a message of 40 MB with its attachments in base64
export const arrivesWithinMs = 120_000 // all of a request: so much on a line of 5 Mbit/s, through web or not
const mostBytesAtOnce = 4 * mostBytes // of all requests: a process that everybody fills up serves nobody

let bytesAtOnce = 0

export type Body = { json: unknown; hash: () => string }

/**
 * Reads a body, whole, within what this process holds at once.
 * @throws Refusal `bodyTooLarge`, `tooMuchAtOnce`, `utf8Invalid`, `jsonInvalid`
 */
export async function readBody(stream: IncomingMessage): Promise<Body> {
  const announced = Number(stream.headers['content-length'] ?? 0)
  if (announced > mostBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  let take: (chunk: Buffer) => void = () => undefined
  try {
    await new Promise<void>((resolve, reject) => {
      take = chunk => {
        size += chunk.length
        bytesAtOnce += chunk.length
        if (size > mostBytes) reject(tooLarge())
        else if (bytesAtOnce > mostBytesAtOnce) reject(new Refusal('tooMuchAtOnce', undefined, { seconds: 1 }))
        else chunks.push(chunk)
      }
      stream.on('data', take)
      stream.once('end', resolve)
      const wentAway = () => reject(new Refusal('jsonInvalid')) // the caller, in the middle
      stream.once('error', wentAway)
      stream.once('close', () => !stream.readableEnded && wentAway())
    })
    return parseBody(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
  } finally {
    stream.off('data', take)
    bytesAtOnce -= size
  }
}

const tooLarge = () => new Refusal('bodyTooLarge', undefined, { megabytes: mostBytes / 1024 / 1024 })

function parseBody(bytes: Buffer): Body {
  if (!isUtf8(bytes)) throw new Refusal('utf8Invalid')
  try {
    return { json: bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined, hash: () => createHash('sha256').update(bytes).digest('base64url') }
  } catch {
    throw new Refusal('jsonInvalid')
  }
}
