import net from 'node:net'
import tls from 'node:tls'
import type { Tls } from '@/db/schema'
import { resolveAdmitted } from '@/lib/egress/guard'
import { env } from '@/lib/env'
import type { Mode } from '@/lib/installation/mode'
import { certificateOf } from './certificate'
import type { Certificate } from './conversation'
import { errorCodeOf, TransportFailure } from './failure'
import { LineSocket } from './line-socket'
import { tlsOptions } from './open-socket'

/** What one port of a server turned out to want. `tls` null: nothing that mail can be sent through, and `errorCode` says why. */
export type ProbedPort = {
  port: number
  tls: Tls | null
  offersLogin: boolean // after encryption, where there is one
  certificate: Certificate | null
  certificateProblem: string | null // our word for why nobody vouches for it; null: verified, or nothing encrypted
  errorCode: string | null
}

const connectMs = 5_000
const greetingMs = 3_000

/**
 * Tries ports of one server side by side: connection, encryption, greeting and EHLO, and no more. No user name and no
 * password is ever said, so the certificate is looked at and not required. Goes through the one guard.
 */
export async function probeServer({ host, ports, mode }: { host: string; ports: number[]; mode: Mode }): Promise<ProbedPort[]> {
  return Promise.all([...new Set(ports)].map(port => probePort(host, port, mode)))
}

async function probePort(host: string, port: number, mode: Mode): Promise<ProbedPort> {
  const nothing = { port, tls: null, offersLogin: false, certificate: null, certificateProblem: null }
  try {
    const { addresses } = await resolveAdmitted(host, port, mode)
    const [first] = addresses
    if (!first) throw new TransportFailure('hostNotFound')
    const at = { host, port, address: first.address }
    // both at once: a port that waits for TLS never greets, and one that greets breaks off at TLS
    return await Promise.any([tryImplicit(at), tryPlain(at)])
  } catch (error) {
    const [, inTheOpen = error] = error instanceof AggregateError ? error.errors : []
    return { ...nothing, errorCode: errorCodeOf(inTheOpen) }
  }
}

export type At = { host: string; port: number; address: string }

async function tryImplicit(at: At): Promise<ProbedPort> {
  using lines = new LineSocket(await encrypt(await connect(at), at))
  await lines.reply(greetingMs)
  return seen(at, 'implicit', lines, await featuresOf(lines))
}

async function tryPlain(at: At): Promise<ProbedPort> {
  using plain = new LineSocket(await connect(at))
  await plain.reply(greetingMs)
  const features = await featuresOf(plain)
  if (!features.some(feature => /^STARTTLS\b/i.test(feature))) return seen(at, 'none', plain, features)
  plain.write('STARTTLS')
  await plain.reply(greetingMs)
  using lines = new LineSocket(await encrypt(plain.release(), at))
  return seen(at, 'starttls', lines, await featuresOf(lines))
}

const featuresOf = async (lines: LineSocket): Promise<string[]> => (await hello(lines, greetingMs)).slice(1)

/** Says who we are; gives the whole answer, whose first line is the server's own name. */
export function hello(lines: LineSocket, replyMs: number): Promise<string[]> {
  lines.write(`EHLO ${env.platform.relay.host}`)
  return lines.reply(replyMs)
}

function seen({ port }: At, mode: Tls, lines: LineSocket, features: string[]): ProbedPort {
  const { socket } = lines
  const problem = socket instanceof tls.TLSSocket && !socket.authorized ? String(socket.authorizationError) : null
  lines.write('QUIT')
  return {
    port,
    tls: mode,
    offersLogin: features.some(feature => /^AUTH[ =]/i.test(feature)),
    certificate: certificateOf(socket).certificate ?? null,
    certificateProblem: problem && errorCodeOf({ code: problem, message: problem }),
    errorCode: null,
  }
}

/** @throws TransportFailure `timeout`, `connectionLost`; what the system says of a connection that is refused */
export function connect({ address, port }: At): Promise<net.Socket> {
  return opened(net.connect({ host: address, port }), 'connect')
}

/** The certificate is read and shown whatever it is; nothing secret follows. */
export function encrypt(socket: net.Socket, { host }: At): Promise<tls.TLSSocket> {
  return opened(tls.connect({ socket, ...tlsOptions({ host }), rejectUnauthorized: false }), 'secureConnect')
}

function opened<Opened extends net.Socket>(socket: Opened, event: 'connect' | 'secureConnect'): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const giveUp = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => giveUp(new TransportFailure('timeout')), connectMs)
    const onClose = () => giveUp(new TransportFailure('connectionLost'))
    socket.once('error', giveUp).once('close', onClose)
    socket.once(event, () => {
      socket.off('error', giveUp).off('close', onClose)
      resolve(socket)
    })
    socket.once('close', () => clearTimeout(timer)).once(event, () => clearTimeout(timer))
  })
}
