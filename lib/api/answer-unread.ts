import { type IncomingMessage, maxHeaderSize, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { seconds } from '@/lib/clock'
import { Refusal } from '@/lib/errors'
import { newId } from '@/lib/id'
import { languageOfHeader } from '@/lib/language'
import { log } from '@/lib/log'
import { failureOf } from './api-error'

/** The sentence of a refusal in a language; the words live with the pages. */
export type Say = (language: string, code: string, values: Record<string, string | number>) => string

/** The latest request of a connection, and the answer to the one before it. */
type Exchange = { request: IncomingMessage; response: ServerResponse; before: ServerResponse | undefined }

export const mostHeadKilobytes = maxHeaderSize / 1024
const hangsUpWithinMs = seconds(2) // for who is still writing: closed at once, the connection would take the answer with it

const codes: Record<string, string> = {
  HPE_HEADER_OVERFLOW: 'headTooLarge',
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTooSlow',
}

/**
 * Answers what never comes to a route, since it is no request: in the shape of every other error, and not in node's or fastify's.
 * An answer that is under way on the connection is given first: the program would take the error for that of a request that was done.
 */
export function answerUnread(server: Server, say: Say): void {
  const latest = new WeakMap<Duplex, Exchange>()
  const ended = new WeakSet<Duplex>() // node tells of the same connection again, with every piece that still comes
  server.removeAllListeners('clientError') // fastify has one of its own
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    latest.set(request.socket, { request, response, before: latest.get(request.socket)?.response })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (ended.has(socket)) return
    ended.add(socket)
    const { request, response, before } = latest.get(socket) ?? {}
    if (error.code === 'ECONNRESET' || (!request?.complete && response?.headersSent)) return void socket.destroy()
    const end = () => hangUp(socket, unroutedError(codes[error.code ?? ''] ?? 'requestMalformed', { say }))
    const due = request?.complete ? response : before
    if (due && !due.closed) due.once('close', end)
    else end()
  })
  server.on('connect', ({ headers }, socket) => hangUp(socket, unroutedError('methodNotAllowed', { say, headers, more: { allow: '' } })))
  // what a client expects of us besides is not looked at, as RFC 9110 section 10.1.1 leaves free
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
}

/** RFC 9112 section 3.2: such a request gets 400. Node would say so without a word. */
export const lacksHost = ({ headers, httpVersion }: IncomingMessage) => httpVersion === '1.1' && headers.host === undefined

type Unrouted = { say: Say; headers?: IncomingMessage['headers']; more?: Record<string, string> }

/** An error without a route, in the API's shape; what is known of its request says in which language. `more` are headers besides. */
export function unroutedError(code: string, { say, headers, more = {} }: Unrouted): { status: number; headers: Record<string, string>; body: string } {
  const { status } = failureOf(new Refusal(code))
  const requestId = newId()
  const message = say(languageOfHeader(headers?.['accept-language']), code, { kilobytes: mostHeadKilobytes })
  log.info({ event: 'apiRefused', requestId, status, code })
  const body = JSON.stringify({ error: { code, message, field: null, request_id: requestId } })
  const described = { 'content-type': 'application/json; charset=utf-8', 'content-length': String(Buffer.byteLength(body)), 'x-request-id': requestId }
  return { status, headers: { ...described, ...more, connection: 'close' }, body }
}

function hangUp(socket: Duplex, { status, headers, body }: ReturnType<typeof unroutedError>): void {
  if (!socket.writable) return void socket.destroy()
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`)
  const late = setTimeout(() => socket.destroy(), hangsUpWithinMs).unref()
  socket.once('close', () => clearTimeout(late)).on('error', () => undefined)
}
