import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { certificateFor } from './certificate'

type ReceivedEvent = { headers: IncomingHttpHeaders; body: string }
type Answer = (response: ServerResponse, received: ReceivedEvent) => void

/** A real HTTP server of a company's program, on a free port of this machine; answers 204 unless told otherwise. */
export async function startReceiver({ answer, certificate }: { answer?: Answer; certificate?: { names: string[]; isUntrusted?: boolean } } = {}) {
  const received: ReceivedEvent[] = []
  let respond: Answer = answer ?? (response => void response.writeHead(204).end())
  const listener: Parameters<typeof createServer>[1] = async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const event = { headers: request.headers, body }
    received.push(event)
    respond(response, event)
  }
  const server = certificate ? createSecureServer(await certificateFor(certificate.names, certificate), listener) : createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `${certificate ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}/hook`
  return {
    url,
    received,
    answer(other: Answer) {
      respond = other
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
