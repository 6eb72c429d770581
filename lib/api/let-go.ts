import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * What a stop waits for: requests that are coming in, for a while, and their answers. Node by itself would wait for a connection that is
 * kept until it is given up (65 s), and for the rest of a body that has had its answer. Gives the signal that the stop has begun.
 */
export function letGoAtStop(server: FastifyInstance, { withinMs }: { withinMs: number }): AbortSignal {
  const stopping = new AbortController()
  const answeredEarly = new Set<Socket>() // before the request was whole
  let late: NodeJS.Timeout | undefined
  server.addHook('onResponse', ({ raw }, _reply, done) => {
    const { socket } = raw
    if (stopping.signal.aborted) socket.destroySoon()
    else if (!raw.complete) {
      answeredEarly.add(socket)
      // once its answer has gone Node tells a request no more that its connection has ended
      for (const over of [raw, socket]) over.once('close', () => answeredEarly.delete(socket))
    }
    done()
  })
  server.addHook('preClose', done => {
    stopping.abort()
    for (const socket of answeredEarly) socket.destroy()
    late = setTimeout(() => server.server.closeAllConnections(), withinMs).unref()
    done()
  })
  server.addHook('onClose', async () => clearTimeout(late))
  return stopping.signal
}
