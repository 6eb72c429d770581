import { type Answer, decode, encode, RECURSION_DESIRED } from 'dns-packet'

export type Question = { name: string; type: 'A' | 'AAAA' | 'TXT' | 'MX' | 'SRV' | 'SOA' }

export type DnsRecord = { name: string; ttlSeconds: number } & (
  | { type: 'A' | 'AAAA' | 'TXT' | 'CNAME'; text: string }
  | { type: 'MX'; preference: number; exchange: string }
  | { type: 'SRV'; priority: number; weight: number; port: number; target: string }
  | { type: 'SOA'; minimumSeconds: number }
)

export type DnsAnswer = { isTruncated: boolean; rcode: string; answers: DnsRecord[]; authorities: DnsRecord[] }

const udpPayloadSize = 1232 // what passes every network unfragmented (DNS flag day 2020)

/** @throws RangeError for a name that DNS cannot hold (RFC 1035, 2.3.4) */
export function encodeQuestion(id: number, { name, type }: Question): Buffer {
  const labels = name === '' ? [] : name.split('.')
  if (name.length > 253 || labels.some(label => label.length === 0 || label.length > 63)) throw new RangeError(`"${name}" is no name`)
  const opt: Answer = { type: 'OPT', name: '.', udpPayloadSize, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] } // EDNS: answers larger than 512 bytes are welcome
  return encode({ id, type: 'query', flags: RECURSION_DESIRED, questions: [{ name, type, class: 'IN' }], additionals: [opt] })
}

/**
 * Reads the answer to just this question; null when it is the answer to another one.
 * @throws Error for bytes that are no DNS message
 */
export function decodeAnswer(message: Buffer, id: number, question: Question): DnsAnswer | null {
  const packet = decode(message)
  const [asked, another] = packet.questions ?? []
  if (packet.id !== id || packet.type !== 'response' || !asked || another) return null
  if (plain(asked.name) !== plain(question.name) || asked.type !== question.type) return null
  const { answers = [], authorities = [], rcode, flag_tc: isTruncated } = packet as typeof packet & { rcode: string; flag_tc: boolean }
  return { isTruncated, rcode, answers: answers.flatMap(readRecord), authorities: authorities.flatMap(readRecord) }
}

/** The records that mail needs; the others are passed over. */
function readRecord(record: Answer): DnsRecord[] {
  const head = { name: plain(record.name), ttlSeconds: 'ttl' in record && record.ttl && record.ttl <= 0x7fffffff ? record.ttl : 0 }
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return [{ ...head, type: record.type, text: record.data }]
    case 'CNAME':
      return [{ ...head, type: 'CNAME', text: plain(record.data) }]
    case 'MX':
      return [{ ...head, type: 'MX', preference: record.data.preference ?? 0, exchange: plain(record.data.exchange) }]
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = record.data
      return [{ ...head, type: 'SRV', priority, weight, port, target: plain(target) }]
    }
    case 'SOA':
      return [{ ...head, type: 'SOA', minimumSeconds: record.data.minimum ?? 0 }]
    case 'TXT': // a row of short strings; read together they are one text (RFC 7208, 3.3)
      return [{ ...head, type: 'TXT', text: [record.data].flat().map(String).join('') }]
    default:
      return []
  }
}

/** A name in lower case without its last dot; the root is the empty name. */
const plain = (name: string) => name.toLowerCase().replace(/\.$/, '')
