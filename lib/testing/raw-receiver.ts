import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'

/** A receiver of which every byte is told: what it does with a connection once a request has begun to come. */
export async function startRawReceiver(behave: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = net.createServer(socket => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)))
    socket.once('data', () => behave(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** First these bytes, then others for ever, as fast as they are taken. */
export const pouring = (first: string, more: string) => (socket: Socket) => {
  const pour = () => {
    while (!socket.destroyed && socket.write(more));
  }
  socket.on('drain', pour).write(first)
  pour()
}

/** First these bytes, then one every few milliseconds. */
export const dripping = (first: string) => (socket: Socket) => {
  socket.write(first)
  const drops = setInterval(() => socket.write('x'), 20)
  socket.once('close', () => clearInterval(drops))
}
