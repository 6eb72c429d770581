import { connect, createServer, type Socket } from 'node:net'
import { options } from './letter'

/** A far-away server: what either side says arrives half a round trip later. */
const { port, target, roundTripMs } = options<{ port: number; target: number; roundTripMs: number }>()

createServer(near => {
  near.setNoDelay(true)
  setTimeout(() => {
    const far = connect(target, '127.0.0.1')
    far.setNoDelay(true)
    later(near, far)
    later(far, near)
  }, roundTripMs) // a connection takes a round trip itself
}).listen(port, '127.0.0.1')

function later(from: Socket, to: Socket): void {
  from.on('data', chunk => setTimeout(() => to.writable && to.write(chunk), roundTripMs / 2))
  from.on('end', () => setTimeout(() => to.end(), roundTripMs / 2))
  from.on('error', () => to.destroy())
}
