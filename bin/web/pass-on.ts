import { Agent, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { unroutedError } from '@/lib/api/answer-unread'
import { callerHeader, sealCaller } from '@/lib/api/caller'
import { isBeyondMeasure } from '@/lib/api/read-body'
import { log } from '@/lib/log'
import { say } from '../say'

const agent = new Agent({ keepAlive: true, timeout: 30_000 }) // given up before the engine closes it after 65 s
/** `Expect` among them: web has told the client to go on, and passes on what comes. */
const ofThisConnection = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|cookie|x-posthorn-.*|x-forwarded-.*|forwarded)$/

/** Whether a request is for the HTTP API, which the engine answers. */
export const isForApi = ({ url = '' }: IncomingMessage) => /^\/api\/v1(\/|\?|$)/.test(url)

/**
 * Passes a request on to the engine and its answer back, both as streams. Headers were cleaned before: whom it comes from is
 * what web itself saw, under a seal that the engine checks.
 */
export function passOn(request: IncomingMessage, response: ServerResponse, engine: string): void {
  const { headers, method, socket } = request
  const caller = headers['x-forwarded-for'] ?? socket.remoteAddress ?? ''
  const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => !ofThisConnection.test(name)))
  const isChunked = headers['transfer-encoding'] !== undefined
  const { hostname, port } = new URL(engine)
  const upstream = ask({
    hostname,
    port,
    path: request.url, // as it came: read as a URL, `..` would lead out of the API
    agent,
    method,
    headers: { ...passed, ...(isChunked ? { 'transfer-encoding': 'chunked' } : {}), [callerHeader]: sealCaller(String(caller)) },
  })
  upstream.on('response', answer => {
    const { connection, 'keep-alive': _, 'transfer-encoding': __, ...kept } = answer.headers
    response.writeHead(answer.statusCode ?? 502, connection === 'close' ? { ...kept, connection } : kept)
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  upstream.on('error', error => {
    log.warn({ event: 'apiUnreachable', err: error }, 'the engine does not answer')
    if (response.headersSent) response.destroy()
    else if (!response.destroyed) sayAway(request, response)
  })
  response.on('close', () => upstream.destroy())
  // the engine answers such a one by its head and hangs up: whoever still writes then loses the answer
  if (isBeyondMeasure(request)) upstream.flushHeaders()
  else request.pipe(upstream)
}

function sayAway({ headers: asked }: IncomingMessage, response: ServerResponse): void {
  const { status, headers, body } = unroutedError('engineAway', { say, headers: asked, more: { 'retry-after': '2' } })
  response.writeHead(status, headers).end(body)
}
