import type { IncomingMessage, ServerResponse } from 'node:http'
import { newId } from '@/lib/id'
import { log } from '@/lib/log'

/** Gives a request a number of ours, whatever the client sent, says it in the answer, and writes one line at its end. */
export function numberRequest(request: IncomingMessage, response: ServerResponse): void {
  const requestId = newId()
  const began = performance.now()
  request.headers['x-request-id'] = requestId
  response.setHeader('x-request-id', requestId)
  response.once('close', () => {
    const { method, url = '' } = request
    const durationMs = Math.round(performance.now() - began)
    log.debug({ event: 'request', requestId, method, path: loggedPath(url), status: response.statusCode, durationMs }, 'answered')
  })
}

/** Never what is asked for behind the question mark, nor the token that a link by mail ends with. */
export const loggedPath = (url: string) => (url.split('?')[0] ?? '').replace(/^\/(invite|reset|confirm|u)\/.*/, '/$1/…')
