/** DNS messages as far as mail needs them (RFC 1035, 2782, 3596, 6891): one question out, its records back. */
export const recordTypes = { A: 1, CNAME: 5, SOA: 6, MX: 15, TXT: 16, AAAA: 28, SRV: 33 } as const
export type RecordTypeName = keyof typeof recordTypes

export type Question = { name: string; type: Exclude<RecordTypeName, 'CNAME'> }

export type DnsRecord = { name: string; ttlSeconds: number } & (
  | { type: 'A' | 'AAAA' | 'TXT' | 'CNAME'; text: string }
  | { type: 'MX'; preference: number; exchange: string }
  | { type: 'SRV'; priority: number; weight: number; port: number; target: string }
  | { type: 'SOA'; minimumSeconds: number }
)

export type DnsAnswer = { isTruncated: boolean; rcode: number; answers: DnsRecord[]; authorities: DnsRecord[] }

const udpPayloadBytes = 1232 // what passes every network unfragmented (DNS flag day 2020)
const recursionDesired = 0x0100

/** @throws Error for a name that DNS cannot hold */
export function encodeQuestion(id: number, { name, type }: Question): Buffer {
  const header = words(id, recursionDesired, 1, 0, 0, 1)
  const opt = Buffer.concat([Buffer.of(0), words(41, udpPayloadBytes, 0, 0, 0)]) // EDNS: answers larger than 512 bytes are welcome
  return Buffer.concat([header, encodeName(name), words(recordTypes[type], 1), opt])
}

/**
 * Reads the answer to just this question; null when it is the answer to another one.
 * @throws Error for bytes that are no DNS message: it reads no further than they go, and pointers lead backwards only
 */
export function decodeAnswer(message: Buffer, id: number, question: Question): DnsAnswer | null {
  const flags = message.readUInt16BE(2)
  const [questions = 0, answerCount = 0, authorityCount = 0] = [4, 6, 8].map(offset => message.readUInt16BE(offset))
  if (message.readUInt16BE(0) !== id || !(flags & 0x8000) || questions !== 1) return null
  const asked = readName(message, 12)
  if (asked.name !== question.name.toLowerCase() || message.readUInt16BE(asked.end) !== recordTypes[question.type]) return null
  const answers = readRecords(message, asked.end + 4, answerCount)
  const authorities = readRecords(message, answers.end, authorityCount)
  return { isTruncated: (flags & 0x0200) !== 0, rcode: flags & 0x0f, answers: answers.records, authorities: authorities.records }
}

function readRecords(message: Buffer, start: number, count: number): { records: DnsRecord[]; end: number } {
  const records: DnsRecord[] = []
  let end = start
  for (let index = 0; index < count; index++) {
    const owner = readName(message, end)
    const [type, ttlSeconds, length] = [message.readUInt16BE(owner.end), message.readUInt32BE(owner.end + 4), message.readUInt16BE(owner.end + 8)]
    const from = owner.end + 10
    end = from + length
    if (end > message.length) throw new RangeError('A record goes beyond its message')
    const value = readValue(message, { type, from, end })
    if (value) records.push({ name: owner.name, ttlSeconds: ttlSeconds > 0x7fffffff ? 0 : ttlSeconds, ...value } as DnsRecord)
  }
  return { records, end }
}

function readValue(message: Buffer, { type, from, end }: { type: number; from: number; end: number }): object | null {
  const number = (offset: number) => message.readUInt16BE(from + offset)
  switch (type) {
    case recordTypes.A:
      return { type: 'A', text: [...message.subarray(from, end)].join('.') }
    case recordTypes.AAAA:
      return { type: 'AAAA', text: Array.from({ length: 8 }, (_, index) => number(index * 2).toString(16)).join(':') }
    case recordTypes.CNAME:
      return { type: 'CNAME', text: readName(message, from).name }
    case recordTypes.MX:
      return { type: 'MX', preference: number(0), exchange: readName(message, from + 2).name }
    case recordTypes.SRV:
      return { type: 'SRV', priority: number(0), weight: number(2), port: number(4), target: readName(message, from + 6).name }
    case recordTypes.SOA:
      return { type: 'SOA', minimumSeconds: message.readUInt32BE(end - 4) }
    case recordTypes.TXT:
      return { type: 'TXT', text: readStrings(message.subarray(from, end)) }
    default:
      return null
  }
}

/** A TXT record is a row of short strings; read together they are one text (RFC 7208, 3.3). */
function readStrings(bytes: Buffer): string {
  const parts: Buffer[] = []
  for (let offset = 0; offset < bytes.length; offset += 1 + (bytes[offset] ?? 0)) parts.push(bytes.subarray(offset + 1, offset + 1 + (bytes[offset] ?? 0)))
  return Buffer.concat(parts).toString('utf8')
}

/** A name in lower case without its last dot, and where it ends. A pointer must lead to before itself, so nothing turns in circles. */
function readName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = []
  let [offset, end, before] = [start, -1, start]
  for (;;) {
    const length = message.readUInt8(offset)
    if (length === 0) return { name: labels.join('.').toLowerCase(), end: end < 0 ? offset + 1 : end }
    if (length >= 0xc0) {
      if (end < 0) end = offset + 2
      offset = message.readUInt16BE(offset) & 0x3fff
      if (offset >= before) throw new RangeError('A pointer leads forward')
      before = offset
      continue
    }
    if (length > 63 || labels.length > 127) throw new RangeError('No name')
    labels.push(message.toString('latin1', offset + 1, offset + 1 + length))
    offset += 1 + length
  }
}

function encodeName(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.')
  if (name.length > 253 || labels.some(label => label.length === 0 || label.length > 63)) throw new RangeError(`"${name}" is no name`)
  return Buffer.concat([...labels.map(label => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')])), Buffer.of(0)])
}

function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) buffer.writeUInt16BE(value, index * 2)
  return buffer
}
