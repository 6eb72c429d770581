import type { IncomingMessage, Server, ServerResponse } from 'node:http'

const waiting = new WeakMap<IncomingMessage, ServerResponse>()

/**
 * Who asks before sending a body (RFC 9110 section 10.1.1) is told to when it is going to be read. Node would say so to everybody, and
 * megabytes would come in for a key that opens nothing.
 */
export function holdContinue(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.set(request, response)
    server.emit('request', request, response)
  })
}

/** Its body is wanted now. */
export function sayContinue(request: IncomingMessage): void {
  waiting.get(request)?.writeContinue()
  waiting.delete(request)
}

/** Whether nothing comes of its body, since it was not told to send it. */
export const awaitsContinue = (request: IncomingMessage) => waiting.has(request)
