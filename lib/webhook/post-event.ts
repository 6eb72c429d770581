import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { cutText } from '@/lib/cut-text'
import { deadlineSignal, orAborted } from '@/lib/deadline-signal'
import { pinnedTo, resolveAdmittedForHttps } from '@/lib/egress/guard'
import { Refusal } from '@/lib/errors'
import type { Mode } from '@/lib/installation/mode'
import { secondsOfRetryAfter } from '@/lib/transport/retry-after'
import { visible } from '@/lib/transport/server-text'
import { portOf } from './webhook'

const deadlineMs = 15_000
const maxResponseBytes = 16 * 1024
const shownLength = 500

/** How one POST ended: a status, or our word for why there is none. `text` is the beginning of what was answered. */
export type Posted = { status: number | null; error: string | null; text: string; retryAfterSeconds: number | null; durationMs: number }

type Post = { url: string; headers: Record<string, string>; body: string; mode: Mode; signal: AbortSignal; deadlineMs?: number }

/**
 * Posts through the one guard: the name is looked up once, the connection goes to what was admitted, TLS is verified, a
 * redirect is an answer like any other, and neither time nor the answer grows without bound.
 */
export async function postEvent({ signal, deadlineMs: allowedMs = deadlineMs, ...post }: Post): Promise<Posted> {
  const began = performance.now()
  const withDuration = (posted: Partial<Posted>): Posted => ({
    status: null,
    error: null,
    text: '',
    retryAfterSeconds: null,
    durationMs: Math.round(performance.now() - began),
    ...posted,
  })
  const deadline = deadlineSignal(allowedMs, signal)
  try {
    return withDuration(await request(post, deadline.signal))
  } catch (error) {
    return withDuration({ error: errorCode(error, signal), text: error instanceof Refusal ? '' : visible(String((error as Error).message), shownLength) })
  } finally {
    deadline.clear()
  }
}

async function request({ url, headers, body, mode }: Omit<Post, 'signal' | 'deadlineMs'>, signal: AbortSignal): Promise<Partial<Posted>> {
  const { protocol, hostname, port, pathname, search } = new URL(url)
  if (protocol !== 'https:' && mode !== 'sandbox') throw new Refusal('webhookHttps', 'url')
  const host = hostname.replace(/^\[|\]$/g, '')
  const { addresses } = await orAborted(signal, resolveAdmittedForHttps(host, portOf({ protocol, port }), mode))
  const options: https.RequestOptions = {
    method: 'POST',
    host,
    port: portOf({ protocol, port }),
    path: pathname + search,
    lookup: pinnedTo(addresses),
    servername: isIP(host) ? undefined : host,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    agent: false,
    maxHeaderSize: 16 * 1024,
    signal,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'Posthorn-Webhooks/1' },
  }
  return new Promise((resolve, reject) => {
    const sent = (protocol === 'https:' ? https : http).request(options)
    sent.once('error', reject)
    sent.once('upgrade', ({ statusCode = null }, socket) => {
      socket.destroy() // to another protocol: nobody asked, and without a listener Node would close and say nothing more
      resolve({ status: statusCode, text: '', retryAfterSeconds: null })
    })
    sent.once('response', response => {
      response.once('error', reject)
      const answer = (chunks: Buffer[]) => {
        const retryAfterSeconds = secondsOfRetryAfter(response.headers['retry-after'])
        resolve({ status: response.statusCode ?? null, text: visibleLines(Buffer.concat(chunks)), retryAfterSeconds })
        sent.destroy()
      }
      readSome(response, answer)
    })
    sent.end(body)
  })
}

/** Reads an answer to its end, or to as much as anybody would look at. */
function readSome(response: http.IncomingMessage, answer: (chunks: Buffer[]) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length >= maxResponseBytes) answer(chunks)
  })
  response.once('end', () => answer(chunks))
}

function visibleLines(answer: Buffer): string {
  const lines = answer.toString('utf8').split(/\r?\n/)
  const shown = lines.map(line => visible(line, shownLength)).join('\n')
  return cutText(shown.trim(), shownLength)
}

/** Sentences under `webhooks.error.<code>`. */
function errorCode(error: unknown, stopping: AbortSignal): string {
  if (stopping.aborted) return 'stopped'
  if (error instanceof Refusal) return error.code
  const { name, code = '' } = error as NodeJS.ErrnoException
  if (name === 'AbortError' || name === 'TimeoutError') return 'timeout'
  if (code === 'EAI_AGAIN' || code === 'ENOTFOUND') return 'hostNotFound'
  return /CERT|TLS|SSL|ALTNAME|SIGNATURE|ISSUER/.test(code) ? 'tls' : 'connection'
}
