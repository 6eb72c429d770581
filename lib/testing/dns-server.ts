import { once } from 'node:events'
import net from 'node:net'
import dns2, { type Server as DnsServer, type Handle } from 'dns2'

const { createServer, Packet } = dns2

/** What a name has: `{ 'acme.test': { MX: ['10 mx.acme.test'], TXT: ['v=spf1 -all'] } }`; SRV as `0 1 465 smtp.acme.test`. */
export type Zone = Record<string, Partial<Record<'A' | 'AAAA' | 'MX' | 'TXT' | 'SRV' | 'CNAME', string[]>>>

export type DnsTestServer = AsyncDisposable & {
  /** `127.0.0.1:port`, for DNS_SERVERS. */
  server: string
  zone: Zone
  /** Every question asked so far: `TXT acme.test`. */
  questions: string[]
  /** Those of them that came over TCP, after an answer did not fit into a datagram. */
  questionsOverTcp: string[]
  /** Answers this response code (2: SERVFAIL) to everything from now on; null: the truth again. */
  failWith(rcode: number | null): void
  ttlSeconds: number
  close(): Promise<void>
}

const datagramBytes = 1232 // what a client may get over UDP; more is cut off and fetched over TCP

/** A real DNS server for a zone of the test's own, over UDP and TCP on a free loopback port. Names outside the zone do not exist. */
export async function startDnsServer(zone: Zone): Promise<DnsTestServer> {
  let rcode: number | null = null
  const questions: string[] = []
  const questionsOverTcp: string[] = []
  const { dns, port } = await listen((request, send, client) => {
    const [question] = request.questions
    if (!question) return
    const typeName = Object.keys(Packet.TYPE).find(name => Packet.TYPE[name] === question.type) ?? ''
    const name = question.name.toLowerCase()
    const isDatagram = 'size' in client
    questions.push(`${typeName} ${name}`)
    if (!isDatagram) questionsOverTcp.push(`${typeName} ${name}`)
    const answer = Packet.createResponseFromRequest(request)
    answer.header.rd = 1
    answer.header.ra = 1
    const has = server.zone[name]
    if (rcode !== null) answer.header.rcode = rcode
    else if (!has) answer.header.rcode = 3
    else for (const record of has[typeName as keyof typeof has] ?? []) answer.answers.push(encodeRecord(record, { name, typeName, ttl: server.ttlSeconds }))
    if (isDatagram && answer.toBuffer().length > datagramBytes) {
      answer.answers = []
      answer.header.tc = 1
    }
    send(answer)
  })
  const close = async () => void (await dns.close())
  const server: DnsTestServer = {
    server: `127.0.0.1:${port}`,
    zone,
    questions,
    questionsOverTcp,
    failWith(code) {
      rcode = code
    },
    ttlSeconds: 300,
    close,
    [Symbol.asyncDispose]: close,
  }
  return server
}

/**
 * Both on one port, as DNS wants it. A port that is free for one of them may serve the other already: a connection going
 * out from this machine holds one of the same range. Then another is taken.
 */
async function listen(handle: Handle): Promise<{ dns: DnsServer; port: number }> {
  for (;;) {
    const port = await freeTcpPort()
    const dns = createServer({ udp: true, tcp: true, handle })
    const at = { port, address: '127.0.0.1' }
    const failed = once(dns, 'error').then(([error]) => error as NodeJS.ErrnoException)
    const error = await Promise.race([dns.listen({ udp: at, tcp: at }).then(() => null), failed])
    if (!error) return { dns, port }
    dns.close().catch(() => undefined)
    if (error.code !== 'EADDRINUSE') throw error
  }
}

async function freeTcpPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function encodeRecord(text: string, { name, typeName, ttl }: { name: string; typeName: string; ttl: number }) {
  const shared = { name, type: Packet.TYPE[typeName] ?? 0, class: Packet.CLASS.IN, ttl }
  const words = text.split(' ')
  if (typeName === 'MX') return { ...shared, priority: Number(words[0]), exchange: words[1] }
  if (typeName === 'SRV') return { ...shared, priority: Number(words[0]), weight: Number(words[1]), port: Number(words[2]), target: words[3] }
  if (typeName === 'TXT') return { ...shared, data: text.match(/.{1,255}/gs) ?? [''] }
  return typeName === 'CNAME' ? { ...shared, domain: text } : { ...shared, address: text }
}
