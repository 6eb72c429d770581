import { Refusal } from '@/lib/errors'

/** One field of a header as it came: its bytes (as latin1, line end included), its name in lower case, its value unfolded and read as UTF-8. */
export type HeaderField = { raw: string; name: string; value: string }

type RawMessage = { fields: HeaderField[]; body: Buffer } // the body begins with the empty line

const mostHeaderBytes = 256 * 1024
const endOfHeader = Buffer.from('\r\n\r\n')

/**
 * Splits a message that came as bytes into its header fields and the rest. What two programs could read in two ways is
 * not taken: a line break that is not CR LF, NUL, a header line that is no field.
 * @throws Refusal `lineBreakAlone`, `nulByte`, `headerMalformed`
 */
export function splitRawMessage(raw: Buffer): RawMessage {
  assertWholeLines(raw)
  const end = raw.indexOf(endOfHeader)
  const head = end < 0 ? raw : raw.subarray(0, end + 2)
  if (head.length > mostHeaderBytes) throw new Refusal('headerMalformed')
  return { fields: fieldsOf(head.toString('latin1')), body: end < 0 ? Buffer.from('\r\n') : raw.subarray(end + 2) }
}

/** The fields of the header that bytes begin with, as far as they reach. */
export function headerFieldsOf(start: Buffer): HeaderField[] {
  const end = start.indexOf(endOfHeader)
  const whole = end < 0 ? start.lastIndexOf('\r\n') : end
  return fieldsOf(start.toString('latin1', 0, whole + 2))
}

/** The other way round; `fields` with their line ends. */
export function joinRawMessage(fields: string[], body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(fields.join(''), 'latin1'), body])
}

/** The field of this name, in the bytes of a header. Non-ASCII text goes in as UTF-8. */
export const headerLine = (name: string, value: string) => Buffer.from(`${name}: ${value}\r\n`, 'utf8').toString('latin1')

/** RFC 5321 section 2.3.8: CR and LF only together. A server that takes LF alone for a line end would see another message. */
function assertWholeLines(raw: Buffer): void {
  for (let at = raw.indexOf(10); at >= 0; at = raw.indexOf(10, at + 1)) if (raw[at - 1] !== 13) throw new Refusal('lineBreakAlone')
  for (let at = raw.indexOf(13); at >= 0; at = raw.indexOf(13, at + 1)) if (raw[at + 1] !== 10) throw new Refusal('lineBreakAlone')
  if (raw.includes(0)) throw new Refusal('nulByte')
}

function fieldsOf(head: string): HeaderField[] {
  const fields: HeaderField[] = []
  let at = 0
  while (at < head.length) {
    let end = lineEnd(head, at)
    while (head[end] === ' ' || head[end] === '\t') end = lineEnd(head, end)
    const raw = head.slice(at, end)
    const name = /^([!-9;-~]+)[ \t]*:/.exec(raw)?.[1]
    if (!name) throw new Refusal('headerMalformed')
    fields.push({ raw, name: name.toLowerCase(), value: unfolded(raw.slice(raw.indexOf(':') + 1)) })
    at = end
  }
  return fields
}

function lineEnd(head: string, from: number): number {
  const end = head.indexOf('\r\n', from)
  return end < 0 ? head.length : end + 2
}

function unfolded(text: string): string {
  const line = text.replace(/\r\n/g, '').trim()
  return /[\x80-\xff]/.test(line) ? Buffer.from(line, 'latin1').toString('utf8') : line
}
