import net from 'node:net'
import tls from 'node:tls'
import { findAddresses } from '@/lib/dns/find-addresses'
import { resolveAdmitted } from '@/lib/egress/guard'
import { certificateOf, distrustOf } from './certificate'
import { TransportFailure } from './failure'
import type { SubmissionServer } from './submission'
import type { Transcript } from './transcript'

const connectTimeoutMs = 15_000

/** How TLS is spoken to a server. An address is no server name (RFC 6066 section 3). */
export const tlsOptions = ({ host, trustedFingerprint }: Pick<SubmissionServer, 'host' | 'trustedFingerprint'>): tls.ConnectionOptions => ({
  host,
  servername: net.isIP(host) ? undefined : host,
  minVersion: 'TLSv1.2',
  rejectUnauthorized: !trustedFingerprint, // with one trusted certificate `distrustOf` decides right after the handshake
})

/**
 * Finds the server, connects to one of the addresses that the guard admitted and, where TLS comes first, encrypts.
 * A connection that still wants its greeting leaves the step `connect` running.
 */
export async function openSocket(server: SubmissionServer, transcript: Transcript, signal: AbortSignal): Promise<{ socket: net.Socket; address: string }> {
  const { host, port } = server
  transcript.begin('dns', { host })
  const addresses = await addressesOf(server)
  transcript.end('dns', 'done', { addresses: addresses.map(({ address }) => address) })

  transcript.begin('connect', { host, port })
  let lastError: unknown = new TransportFailure('hostNotFound')
  for (const { address, family } of addresses) {
    try {
      const socket = await connectTo({ host: address, port, family }, signal)
      transcript.learn('connect', { address, family: family === 6 ? 6 : 4, port })
      return { socket: server.tls === 'implicit' ? await encrypt(socket, server, transcript, signal) : socket, address }
    } catch (error) {
      if (transcript.phase !== 'connect' || signal.aborted) throw error
      lastError = error
    }
  }
  throw lastError
}

/** What was connected to, as an attempt keeps it: the host, and its address where that is another word. */
export const serverAddressOf = ({ host }: Pick<SubmissionServer, 'host'>, address: string): string => (host === address ? host : `${host} ${address}`)

async function addressesOf({ host, port, trust }: SubmissionServer): Promise<{ address: string; family: number }[]> {
  if (trust !== 'platform') return (await resolveAdmitted(host, port, trust)).addresses
  return findAddresses(host) // the operator's own relay may be in a private network
}

function connectTo(to: net.TcpNetConnectOpts, signal: AbortSignal): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(to)
    const giveUp = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    const onAbort = () => giveUp(signal.reason)
    const timer = setTimeout(() => giveUp(new TransportFailure('timeout', `No connection to ${to.host} in ${connectTimeoutMs / 1000} s`)), connectTimeoutMs)
    socket.once('error', giveUp)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('close', () => signal.removeEventListener('abort', onAbort))
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', giveUp)
      signal.removeEventListener('abort', onAbort)
      resolve(socket)
    })
    if (signal.aborted) onAbort()
    socket.once('close', () => clearTimeout(timer))
  })
}

function encrypt(plain: net.Socket, server: SubmissionServer, transcript: Transcript, signal: AbortSignal): Promise<net.Socket> {
  transcript.end('connect', 'done')
  transcript.begin('tls', { serverName: server.host })
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ socket: plain, ...tlsOptions(server) })
    const giveUp = (error: Error) => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      plain.destroy()
      reject(error)
    }
    const onAbort = () => giveUp(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', giveUp)
    const onClose = () => giveUp(new TransportFailure('connectionLost', 'The server closed the connection'))
    socket.once('close', onClose)
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('close', onClose).off('error', giveUp)
      const distrust = distrustOf(socket, server.trustedFingerprint)
      if (distrust) return giveUp(distrust)
      transcript.end('tls', 'done', certificateOf(socket))
      resolve(socket)
    })
  })
}
