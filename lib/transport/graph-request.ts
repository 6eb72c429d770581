import { once } from 'node:events'
import { type IncomingMessage, request as startRequest } from 'node:http'
import type { Socket } from 'node:net'
import { z } from 'zod'
import type { GraphAnswer } from './judge-graph'
import { secondsOfRetryAfter } from './retry-after'

const maxAnswerBytes = 64 * 1024
const lastPart = 4 // characters of base64 that are held back: without them the message cannot be read

type Post = { host: string; path: string; accessToken: string; body: string; beforeDataEnd: () => Promise<void>; dataEnding: () => void }

/**
 * One POST over a connection made already. The end of the body is held back until `beforeDataEnd`: until then a broken
 * connection means that nothing was taken.
 */
export async function postToGraph(socket: Socket, { host, path, accessToken, body, beforeDataEnd, dataEnding }: Post): Promise<GraphAnswer> {
  const request = startRequest({
    createConnection: () => socket,
    method: 'POST',
    path,
    headers: {
      host,
      authorization: `Bearer ${accessToken}`,
      'content-type': 'text/plain',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json',
      connection: 'close',
    },
  })
  const answered = once(request, 'response').then(([response]) => readAnswer(response as IncomingMessage))
  answered.catch(() => undefined) // raced below; a request that breaks off rejects both
  const written = new Promise<'written'>(resolve => request.write(body.slice(0, -lastPart), () => resolve('written')))
  const first = await Promise.race([written, answered])
  if (first !== 'written') return first // refused before all of it was said
  await Promise.race([beforeDataEnd(), answered])
  dataEnding()
  request.end(body.slice(-lastPart))
  return answered
}

async function readAnswer(response: IncomingMessage): Promise<GraphAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (size < maxAnswerBytes) chunks.push(chunk)
    size += chunk.length
  }
  const { code = null, message = null } = errorIn(Buffer.concat(chunks).toString('utf8'))
  const { statusCode: status = 0, statusMessage: reason = '', headers } = response
  return { status, reason, code, message, retryAfterSeconds: secondsOfRetryAfter(headers['retry-after']) }
}

const errorShape = z.object({ error: z.object({ code: z.string(), message: z.string() }).partial() })

/** `{"error": {"code": "ErrorAccessDenied", "message": "…"}}`; nothing where a gateway answers in HTML. */
function errorIn(body: string): { code?: string | undefined; message?: string | undefined } {
  try {
    return errorShape.parse(JSON.parse(body)).error
  } catch {
    return {}
  }
}
