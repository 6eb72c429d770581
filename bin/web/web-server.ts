import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { answerUnread, lacksHost, unroutedError } from '@/lib/api/answer-unread'
import { headersWithinMs, limitConnections } from '@/lib/api/limit-connections'
import { arrivesWithinMs } from '@/lib/api/read-body'
import { say } from '../say'

const timeouts = { headersTimeout: headersWithinMs, requestTimeout: arrivesWithinMs, keepAliveTimeout: 65_000, requireHostHeader: false }

/** Web's HTTP server, not listening yet. What is no request never comes to `answer`: it is refused in the API's words, whose requests come this way too. */
export function webServer(answer: (request: IncomingMessage, response: ServerResponse) => void, limits: Parameters<typeof limitConnections>[1]): Server {
  const server = createServer(timeouts, (request, response) => {
    const target = targetOf(request)
    if (target !== null && !lacksHost(request)) return answer(Object.assign(request, { url: target }), response)
    const { status, headers, body } = unroutedError(target === null ? 'notFound' : 'requestMalformed', { say, headers: request.headers })
    response.writeHead(status, headers).end(body)
  })
  limitConnections(server, limits)
  answerUnread(server, say)
  return server
}

/**
 * What is asked for, without the scheme and host that may stand before it (RFC 9112 section 3.2.2): Next would send such a client on to
 * whatever host it named. Null for `*`, of which Next makes a 500.
 */
function targetOf({ url = '' }: IncomingMessage): string | null {
  const [, rest = url] = /^https?:\/\/[^/?#]*(.*)$/is.exec(url) ?? []
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : null
}
