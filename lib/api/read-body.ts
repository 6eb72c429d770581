import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Refusal } from '@/lib/errors'
import { FairShare } from '@/lib/fair-share'
import { sayContinue } from './expect-continue'

export const mostMegabytes = 64 // a message of 40 MB with its attachments in base64
const mostBytes = mostMegabytes * 1024 * 1024
export const arrivesWithinMs = 120_000 // all of a request: so much on a line of 5 Mbit/s, through web or not
const incoming = new FairShare(4 * mostBytes) // of all requests: a process that everybody fills up serves nobody
const mostPassedOver = 4 * mostBytes // of a body that nobody wants
const mostMarks = 1_000_000 // 500 messages with all that they may have come to 770 000

/** Announced as so much that nothing is read of it, not even to throw it away. */
export const isBeyondMeasure = ({ headers }: IncomingMessage) => Number(headers['content-length']) > mostPassedOver

export type Body = { json: unknown; hash: () => string }

/**
 * Reads a body, whole, within what this process holds at once, of one company and of all.
 * @throws Refusal `bodyTooLarge`, `tooMuchAtOnce`, `tooManyValues`, `utf8Invalid`, `jsonInvalid`
 */
export async function readBody(stream: IncomingMessage, tenantId: string): Promise<Body> {
  const announced = Number(stream.headers['content-length'] ?? 0)
  if (announced > mostBytes) throw tooLarge()
  sayContinue(stream)
  const chunks: Buffer[] = []
  let [size, counted] = [0, 0]
  let take: (chunk: Buffer) => void = () => undefined
  try {
    await new Promise<void>((resolve, reject) => {
      take = chunk => {
        size += chunk.length
        if (size > mostBytes) return reject(tooLarge())
        if (!incoming.take(tenantId, chunk.length)) return reject(new Refusal('tooMuchAtOnce', undefined, { seconds: 1 }))
        counted += chunk.length
        chunks.push(chunk)
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
    incoming.giveBack(tenantId, counted)
  }
}

const tooLarge = () => new Refusal('bodyTooLarge', undefined, { megabytes: mostMegabytes })

const byteOrderMark = Buffer.from('\ufeff')

/** A mark of the byte order, which .NET likes to write, is passed over: RFC 8259 section 8.1. */
function parseBody(given: Buffer): Body {
  const bytes = byteOrderMark.equals(given.subarray(0, 3)) ? given.subarray(3) : given
  if (!isUtf8(bytes)) throw new Refusal('utf8Invalid')
  if (hasTooManyValues(bytes)) throw new Refusal('tooManyValues')
  try {
    return { json: bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined, hash: () => createHash('sha256').update(bytes).digest('base64url') }
  } catch {
    throw new Refusal('jsonInvalid')
  }
}

const [quote = 0, backslash, comma, colon, bracket, brace] = Buffer.from('"\\,:[{')

/** Counted by the marks between them, outside of texts: to make 60 MB of them into objects takes 14 seconds and a gigabyte. */
function hasTooManyValues(bytes: Buffer): boolean {
  if (bytes.length <= mostMarks) return false
  let marks = 0
  for (let i = 0; i < bytes.length && marks <= mostMarks; i++) {
    const byte = bytes[i]
    if (byte === quote) i = endOfText(bytes, i)
    else if (byte === comma || byte === colon || byte === bracket || byte === brace) marks++
  }
  return marks > mostMarks
}

/** The place of its closing quote: a large text is an attachment in base64, and has no other. */
function endOfText(bytes: Buffer, start: number): number {
  let end = bytes.indexOf(quote, start + 1)
  while (end > 0 && isEscaped(bytes, end)) end = bytes.indexOf(quote, end + 1)
  return end < 0 ? bytes.length : end
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let before = at - 1
  while (bytes[before] === backslash) before--
  return (at - before) % 2 === 0
}
