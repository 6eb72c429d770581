import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import ipaddr from 'ipaddr.js'
import { minutes } from '@/lib/clock'
import { ConnectionCount } from '@/lib/connection-count'
import { log } from '@/lib/log'
import { isInNetwork, type Network } from '@/lib/network'

export type ConnectionLimits = {
  all: number // at the same time
  perAddress: number // more than are taken up in one go (511), so that web has said who it is before it comes to so many
  uncounted: Network[]
}

type Limiting = Partial<ConnectionLimits> & {
  proxyHops: number // how many proxies of our own stand in front
  isOurs?: (request: IncomingMessage) => boolean // whether a request shows that its connection is one of our own processes
}

const usualLimits: ConnectionLimits = {
  all: 10_000,
  perAddress: 1_000,
  uncounted: [ipaddr.parseCIDR('127.0.0.0/8'), ipaddr.parseCIDR('::1/128')],
}

/** Of a connection until its head is there, however slowly that comes. */
export const headersWithinMs = 10_000

/**
 * Closes what one address opens beyond its limit, before a byte of it is read. Behind proxies of our own everybody has one address,
 * and the proxies have limits: then only all are counted.
 */
export function limitConnections(server: Server, { proxyHops, isOurs = () => false, ...given }: Limiting): void {
  const { all, perAddress, uncounted } = { ...usualLimits, ...given }
  const count = new ConnectionCount()
  const counted = new WeakMap<Socket, string>()
  const letGo = (socket: Socket) => {
    const address = counted.get(socket)
    if (address !== undefined && counted.delete(socket)) count.leave(address)
  }
  let warnedAt = 0
  const warn = (address: string | undefined) => {
    if (Date.now() - warnedAt < minutes(1)) return
    warnedAt = Date.now()
    log.warn({ event: 'tooManyConnections', address, ofAddress: perAddress, all }, 'more connections are open than there may be: new ones are closed')
  }
  server.maxConnections = all
  server.on('drop', dropped => warn(dropped?.remoteAddress))
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    if (proxyHops > 0 || isOf(uncounted, address)) return
    if (!count.enter(address, perAddress)) {
      warn(address)
      return void socket.destroy()
    }
    counted.set(socket, address)
    socket.once('close', () => letGo(socket))
  })
  server.on('request', (request: IncomingMessage) => {
    if (counted.has(request.socket) && isOurs(request)) letGo(request.socket)
  })
}

const isOf = (networks: Network[], address: string) => ipaddr.isValid(address) && networks.some(network => isInNetwork(ipaddr.process(address), network))
