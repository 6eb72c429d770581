import dns2, { type Packet as DnsPacket } from 'dns2'

const { createServer, Packet } = dns2

/** What a name has: `{ 'acme.test': { MX: ['10 mx.acme.test'], TXT: ['v=spf1 -all'] } }`; SRV as `0 1 465 smtp.acme.test`. */
export type Zone = Record<string, Partial<Record<'A' | 'AAAA' | 'MX' | 'TXT' | 'SRV' | 'CNAME', string[]>>>

export type DnsTestServer = AsyncDisposable & {
  /** `127.0.0.1:port`, for DNS_SERVERS. */
  server: string
  zone: Zone
  /** Every question asked so far: `TXT acme.test`. */
  questions: string[]
  /** Answers this response code (2: SERVFAIL) to everything from now on; null: the truth again. */
  failWith(rcode: number | null): void
  ttlSeconds: number
  close(): Promise<void>
}

/** A real DNS server for a zone of the test's own, on a free loopback port. Names outside the zone do not exist. */
export async function startDnsServer(zone: Zone): Promise<DnsTestServer> {
  let rcode: number | null = null
  const questions: string[] = []
  const dns = createServer({
    udp: true,
    handle: (request: DnsPacket, send: (answer: DnsPacket) => void) => {
      const [question] = request.questions
      if (!question) return
      const typeName = Object.keys(Packet.TYPE).find(name => Packet.TYPE[name] === question.type) ?? ''
      const name = question.name.toLowerCase()
      questions.push(`${typeName} ${name}`)
      const answer = Packet.createResponseFromRequest(request)
      answer.header.rd = 1
      answer.header.ra = 1
      const has = server.zone[name]
      if (rcode !== null) answer.header.rcode = rcode
      else if (!has) answer.header.rcode = 3
      else for (const record of has[typeName as keyof typeof has] ?? []) answer.answers.push(encodeRecord(record, { name, typeName, ttl: server.ttlSeconds }))
      send(answer)
    },
  })
  const { udp } = await dns.listen({ udp: { port: 0, address: '127.0.0.1' } })
  const close = async () => void (await dns.close())
  const server: DnsTestServer = {
    server: `127.0.0.1:${udp?.port}`,
    zone,
    questions,
    failWith(code) {
      rcode = code
    },
    ttlSeconds: 300,
    close,
    [Symbol.asyncDispose]: close,
  }
  return server
}

function encodeRecord(text: string, { name, typeName, ttl }: { name: string; typeName: string; ttl: number }) {
  const shared = { name, type: Packet.TYPE[typeName] ?? 0, class: Packet.CLASS.IN, ttl }
  const words = text.split(' ')
  if (typeName === 'MX') return { ...shared, priority: Number(words[0]), exchange: words[1] }
  if (typeName === 'SRV') return { ...shared, priority: Number(words[0]), weight: Number(words[1]), port: Number(words[2]), target: words[3] }
  if (typeName === 'TXT') return { ...shared, data: text.match(/.{1,255}/gs) ?? [''] }
  return typeName === 'CNAME' ? { ...shared, domain: text } : { ...shared, address: text }
}
