import { randomInt } from 'node:crypto'
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { type DnsAnswer, decodeAnswer, encodeQuestion, type Question } from './packet'

export type DnsServer = { address: string; port: number }

/** Asks one server one question: over UDP, and over TCP when the answer did not fit. Throws what the network says. */
export async function askServer(server: DnsServer, question: Question, signal: AbortSignal): Promise<DnsAnswer> {
  const id = randomInt(0x10000)
  const message = encodeQuestion(id, question)
  const read = (answer: Buffer) => decodeAnswer(answer, id, question)
  const answer = await overUdp(server, { message, read }, signal)
  return answer.isTruncated ? overTcp(server, { message, read }, signal) : answer
}

type Exchange = { message: Buffer; read: (answer: Buffer) => DnsAnswer | null }

async function overUdp({ address, port }: DnsServer, { message, read }: Exchange, signal: AbortSignal): Promise<DnsAnswer> {
  const socket = dgram.createSocket(net.isIPv6(address) ? 'udp6' : 'udp4')
  try {
    socket.connect(port, address) // then the kernel drops what other addresses send
    await once(socket, 'connect', { signal })
    socket.send(message)
    for (;;) {
      const [received] = (await once(socket, 'message', { signal })) as [Buffer]
      const answer = readOrIgnore(read, received)
      if (answer) return answer
    }
  } finally {
    socket.close()
  }
}

async function overTcp({ address, port }: DnsServer, { message, read }: Exchange, signal: AbortSignal): Promise<DnsAnswer> {
  const socket = net.connect({ host: address, port, signal })
  try {
    await once(socket, 'connect', { signal })
    const length = Buffer.alloc(2)
    length.writeUInt16BE(message.length)
    socket.write(Buffer.concat([length, message]))
    let received: Buffer = Buffer.alloc(0)
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer])
      if (received.length < 2 || received.length < received.readUInt16BE(0) + 2) continue
      const answer = readOrIgnore(read, received.subarray(2))
      if (answer) return answer
      break
    }
    throw new Error('The name server gave no answer')
  } finally {
    socket.destroy()
  }
}

/** What is no DNS message, or answers another question, may be forged: the true answer is still waited for. */
function readOrIgnore(read: Exchange['read'], received: Buffer): DnsAnswer | null {
  try {
    return read(received)
  } catch {
    return null
  }
}
