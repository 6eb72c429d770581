import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server'
import type { Db } from '@/db/client'
import { seconds } from '@/lib/clock'
import { env } from '@/lib/env'
import type { Mode } from '@/lib/installation/mode'
import { listenOn, type Place, PortInUse } from '@/lib/listen'
import { log } from '@/lib/log'
import { maxBytes, maxRecipients } from '@/lib/message/prepare-message'
import { type DoorCertificate, followDoorCertificate, loadDoorCertificate } from './door-certificate'
import { DoorGuard, type DoorLimits, usualLimits } from './door-limits'
import { conversations, uselessCommands } from './door-session'

type DoorOptions = { host: string; starttlsPort: number; tlsPort: number; certificate: DoorCertificate; limits?: Partial<DoorLimits> }
export type Door = { starttlsPort: number | null; tlsPort: number | null; renewCertificate(certificate: DoorCertificate): void; close(): Promise<void> }

/** The way in for programs that speak SMTP: STARTTLS on one port, TLS from the first byte on the other. */
export async function startDoor(db: Db, { host, starttlsPort, tlsPort, certificate, limits: given = {} }: DoorOptions): Promise<Door> {
  const limits = { ...usualLimits, ...given }
  const guard = new DoorGuard(limits)
  const open = async (secure: boolean, port: number) => {
    const server: SMTPServer = new SMTPServer(serverOptions(secure))
    server.on('error', error => log.debug({ event: 'doorConnection', err: error }, 'a connection to the SMTP door broke'))
    countConnections(server, guard, limits)
    return listen(server, { setting: secure ? 'SUBMISSIONS_PORT' : 'SUBMISSION_PORT', port, address: host })
  }
  const serverOptions = (secure: boolean): SMTPServerOptions => ({
    ...certificate,
    ...conversations(db, limits, guard, (session, error) => dismiss(servers, session, error)),
    secure,
    minVersion: 'TLSv1.2',
    name: new URL(env.appUrl).hostname,
    banner: 'Posthorn',
    heloResponse: '%s',
    size: maxBytes,
    rejectOversized: true,
    maxRecipients,
    maxClients: limits.connections,
    socketTimeout: limits.idleMs,
    closeTimeout: seconds(3),
    authMethods: ['PLAIN', 'LOGIN'],
    authRequiredMessage: 'Sign in first: user name CODE@company, password an API key',
    disabledCommands: uselessCommands,
    hideENHANCEDSTATUSCODES: false,
    hideDSN: false,
    hideREQUIRETLS: true,
    disableReverseLookup: true,
    logger: false,
  })
  const servers: SMTPServer[] = []
  const [starttls, tls] = [await open(false, starttlsPort), await open(true, tlsPort)]
  servers.push(...[starttls, tls].filter(server => server !== null))
  return {
    starttlsPort: portOf(starttls),
    tlsPort: portOf(tls),
    renewCertificate: fresh => {
      for (const server of servers) server.updateSecureContext(fresh)
    },
    close: async () => void (await Promise.all(servers.map(server => new Promise<void>(resolve => server.close(() => resolve()))))),
  }
}

/** The door as the settings want it: null when there is no certificate to show, and the log says so. */
export async function openDoor(db: Db, mode: Mode, host: string): Promise<Door | null> {
  const certificate = await loadDoorCertificate(mode)
  if (!certificate) {
    log.warn({ event: 'doorClosed' }, 'the SMTP door stays closed: SUBMISSION_TLS_KEY_FILE and SUBMISSION_TLS_CERT_FILE are not set')
    return null
  }
  const door = await startDoor(db, { host, starttlsPort: env.submissionPort, tlsPort: env.submissionsPort, certificate })
  const stopFollowing = followDoorCertificate(certificate, door.renewCertificate)
  const { starttlsPort, tlsPort } = door
  if (starttlsPort || tlsPort) log.info({ event: 'doorOpen', starttlsPort, tlsPort }, 'the SMTP door is open')
  return {
    ...door,
    close: () => {
      stopFollowing()
      return door.close()
    },
  }
}

/**
 * Counts connections by address from TCP on: before the TLS handshake there is no session, and smtp-server would let one
 * address that says nothing take every place. One that never comes to a session ends where a login is due.
 */
function countConnections(server: SMTPServer, guard: DoorGuard, { loginWithinMs }: DoorLimits): void {
  const [accept] = server.server.listeners('connection')
  server.server.removeAllListeners('connection')
  server.server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    if (!guard.enter(address)) return void socket.destroy()
    const late = setTimeout(() => server._pendingSockets.get(socket)?.destroy(), loginWithinMs).unref()
    socket.once('close', () => {
      clearTimeout(late)
      guard.leave(address)
    })
    accept?.call(server.server, socket)
  })
}

/** Null when another engine of this machine has the port: that one answers there. */
async function listen(server: SMTPServer, place: Place): Promise<SMTPServer | null> {
  try {
    await listenOn(place, address => {
      server.listen(place.port, address)
      return once(server.server, 'listening')
    })
    return server
  } catch (error) {
    if (!(error instanceof PortInUse)) throw error
    const { setting, port } = place
    log.warn({ event: 'doorPortInUse', port }, `${setting} ${port} is in use: this engine's SMTP door goes without it`)
    return null
  }
}

const portOf = (server: SMTPServer | null) => (server ? (server.server.address() as AddressInfo).port : null)

/** Ends a connection from our side, with a last word. */
function dismiss(servers: SMTPServer[], session: SMTPServerSession, error: Error): void {
  for (const connection of servers.flatMap(server => [...server.connections])) {
    if (connection.session !== session) continue
    connection.send((error as Error & { responseCode: number }).responseCode, error.message, false)
    connection.close()
  }
}
