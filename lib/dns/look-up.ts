import { getServers } from 'node:dns'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import { askServer, type DnsServer } from './ask-server'
import type { DnsAnswer, DnsRecord } from './packet'

type DnsRecords = {
  A: string
  AAAA: string
  TXT: string // its strings joined
  MX: { preference: number; exchange: string }
  SRV: { priority: number; weight: number; port: number; target: string }
  SOA: { minimumSeconds: number }
}
type RecordType = keyof DnsRecords

/** Why there is no answer at all; `notPublic`: a name that is never on the internet, so nobody was asked. */
export type LookUpFailure = 'timeout' | 'unreachable' | 'serverFailed' | 'noInternet' | 'notPublic'

/** What DNS says. `none` is an answer, too: it says there is no such record. `failed` says nothing about the domain. */
export type LookUp<T extends RecordType> =
  | { status: 'found'; records: DnsRecords[T][]; ttlSeconds: number }
  | { status: 'none'; isNoSuchName: boolean; ttlSeconds: number }
  | { status: 'failed'; reason: LookUpFailure; ttlSeconds: number }

const tryMs = 1500
const totalMs = 4000
const failureSeconds = 10
const [minSeconds, maxSeconds, negativeSeconds] = [5, 86_400, 60]
const maxKept = 5000

const kept = new Map<string, { answer: LookUp<RecordType>; untilMs: number }>()
const running = new Map<string, Promise<LookUp<RecordType>>>()

/**
 * Looks one name up, at the servers of `DNS_SERVERS` or the machine's own, and keeps the answer as long as DNS allows.
 * Never throws: an unreachable server or a caller out of patience is an answer of its own.
 */
export async function lookUp<T extends RecordType>(name: string, type: T, { signal, patienceMs }: { signal?: AbortSignal; patienceMs?: number } = {}) {
  const asked = name.toLowerCase().replace(/\.$/, '')
  if (!isPublic(asked)) return failure('notPublic') as LookUp<T>
  const key = `${env.dns.servers.map(({ address, port }) => `${address}#${port}`).join()} ${type} ${asked}`
  const known = kept.get(key)
  if (known && known.untilMs > now().getTime()) return known.answer as LookUp<T>
  const work = running.get(key) ?? keep(key, resolve(asked, type))
  return (await withPatience(work, signal, patienceMs)) as LookUp<T>
}

/** Names of RFC 6761 and the like exist in a test's own zone at most. */
export function isPublic(name: string): boolean {
  if (env.dns.servers.length > 0) return true
  return name === '' || (name.includes('.') && !/\.(test|example|invalid|localhost|local|internal|onion|alt|home\.arpa)$/.test(name))
}

/** For tests: what was learnt from one zone does not hold in the next. */
export const forgetLookUps = () => kept.clear()

function keep(key: string, work: Promise<LookUp<RecordType>>): Promise<LookUp<RecordType>> {
  const answered = work.then(answer => {
    if (kept.size >= maxKept) for (const oldest of [...kept.keys()].slice(0, maxKept / 10)) kept.delete(oldest)
    kept.set(key, { answer, untilMs: now().getTime() + answer.ttlSeconds * 1000 })
    return answer
  })
  running.set(key, answered)
  return answered.finally(() => running.delete(key))
}

async function withPatience(work: Promise<LookUp<RecordType>>, signal?: AbortSignal, patienceMs?: number): Promise<LookUp<RecordType>> {
  if (!signal && patienceMs === undefined) return work
  let stop = () => {}
  const outOfPatience = new Promise<LookUp<RecordType>>(resolve => {
    const giveUp = () => resolve(failure('timeout'))
    const timer = patienceMs === undefined ? undefined : setTimeout(giveUp, patienceMs)
    signal?.addEventListener('abort', giveUp, { once: true })
    if (signal?.aborted) giveUp()
    stop = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
  })
  return Promise.race([work, outOfPatience]).finally(() => stop())
}

async function resolve(name: string, type: RecordType): Promise<LookUp<RecordType>> {
  const answer = await askServers(name, type)
  const isMissing = answer.status === 'none' && answer.isNoSuchName && name !== '' && env.dns.servers.length === 0
  return isMissing && !(await seesInternet()) ? failure('noInternet') : answer
}

/** A resolver without the internet behind it denies every name; one that knows the root does not. */
async function seesInternet(): Promise<boolean> {
  return (await lookUp('', 'SOA')).status === 'found'
}

async function askServers(name: string, type: RecordType, hops = 0): Promise<LookUp<RecordType>> {
  const servers: DnsServer[] = env.dns.servers.length > 0 ? env.dns.servers : getServers().map(readServer)
  const total = AbortSignal.timeout(totalMs)
  let last: LookUp<RecordType> = failure('unreachable')
  for (const server of [...servers, ...servers]) {
    if (total.aborted) break
    const one = AbortSignal.timeout(tryMs)
    try {
      const packet = await askServer(server, { name, type }, AbortSignal.any([one, total]))
      const answer = await readPacket(packet, { name, type, hops })
      if (answer.status !== 'failed') return answer
      last = answer
    } catch {
      last = failure(one.aborted || total.aborted ? 'timeout' : 'unreachable')
    }
  }
  return last
}

async function readPacket(packet: DnsAnswer, { name, type, hops }: { name: string; type: RecordType; hops: number }): Promise<LookUp<RecordType>> {
  if (packet.rcode !== rcodes.noError && packet.rcode !== rcodes.noSuchName) return failure('serverFailed')
  const { owner, ttls } = followAliases(packet.answers, name)
  const found = packet.answers.filter(answer => answer.type === type && answer.name === owner)
  if (found.length > 0)
    return { status: 'found', records: found.map(payloadOf), ttlSeconds: clamp(Math.min(...ttls, ...found.map(({ ttlSeconds }) => ttlSeconds))) }
  const isNoSuchName = packet.rcode === rcodes.noSuchName
  if (owner !== name && !isNoSuchName && hops < 5) return askServers(owner, type, hops + 1)
  return { status: 'none', isNoSuchName, ttlSeconds: negativeTtl(packet) }
}

function followAliases(answers: DnsRecord[], name: string): { owner: string; ttls: number[] } {
  const ttls: number[] = []
  let owner = name
  for (let hop = 0; hop < 8; hop++) {
    const alias = answers.find(answer => answer.type === 'CNAME' && answer.name === owner)
    if (alias?.type !== 'CNAME') break
    ttls.push(alias.ttlSeconds)
    owner = alias.text
  }
  return { owner, ttls }
}

function payloadOf(record: DnsRecord): DnsRecords[RecordType] {
  if ('text' in record) return record.text
  const { name, ttlSeconds, type, ...value } = record
  return value
}

/** RFC 2308: how long "there is none" holds. */
function negativeTtl({ authorities }: DnsAnswer): number {
  const soa = authorities.find(record => record.type === 'SOA')
  return soa?.type === 'SOA' ? clamp(Math.min(soa.ttlSeconds, soa.minimumSeconds)) : negativeSeconds
}

const rcodes = { noError: 'NOERROR', noSuchName: 'NXDOMAIN' }
const clamp = (seconds: number) => Math.min(Math.max(seconds, minSeconds), maxSeconds)
const failure = (reason: LookUpFailure): LookUp<never> => ({ status: 'failed', reason, ttlSeconds: reason === 'noInternet' ? negativeSeconds : failureSeconds })

/** `getServers` writes `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` and `[2001:db8::1]:5353`. */
function readServer(text: string): DnsServer {
  const literal = /^\[(.+)\]:(\d+)$/.exec(text)
  if (literal) return { address: literal[1] ?? '', port: Number(literal[2]) }
  const [address = '', port] = text.split(':').length === 2 ? text.split(':') : [text]
  return { address, port: Number(port ?? 53) }
}
