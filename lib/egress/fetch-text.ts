import https from 'node:https'
import { isIP } from 'node:net'
import type { Mode } from '@/lib/installation/mode'
import { pinnedTo, resolveAdmittedForHttps } from './guard'

type Fetching = { mode: Mode; signal: AbortSignal; maxBytes: number; maxRedirects?: number }

/** A text read over https; null when the server has none (404 and the like). */
type FetchedText = { text: string; url: string } | null

/**
 * Reads one text over https through the guard: verified TLS, a bound on size and time, and every redirect judged as a
 * connection of its own, https only.
 * @throws Refusal of the guard, and what the network says
 */
export async function fetchText(url: URL, { maxRedirects = 3, ...fetching }: Fetching): Promise<FetchedText> {
  const answer = await get(url, fetching)
  if (!('location' in answer)) return answer.text === null ? null : { text: answer.text, url: url.href }
  const next = new URL(answer.location, url)
  if (maxRedirects === 0 || next.protocol !== 'https:' || next.username !== '') throw new Error('A redirect that is not followed')
  return fetchText(next, { ...fetching, maxRedirects: maxRedirects - 1 })
}

async function get(url: URL, { mode, signal, maxBytes }: Fetching): Promise<{ text: string | null } | { location: string }> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || 443)
  const { addresses } = await resolveAdmittedForHttps(host, port, mode)
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const request = https.get({
      host,
      port,
      path: url.pathname + url.search,
      lookup: pinnedTo(addresses),
      servername: isIP(host) ? '' : host,
      minVersion: 'TLSv1.2',
      agent: false,
      maxHeaderSize: 16 * 1024,
      signal,
      headers: { accept: 'application/xml, text/xml', 'user-agent': 'Posthorn' },
    })
    request.once('error', reject).once('response', response => {
      const { statusCode = 0 } = response
      const { location } = response.headers
      if (statusCode === 200) return void readWhole(response, maxBytes).then(text => resolve({ text }), reject)
      request.destroy()
      if (statusCode >= 300 && statusCode < 400 && location) return resolve({ location })
      return statusCode >= 500 ? reject(new Error(`The server answered ${statusCode}`)) : resolve({ text: null })
    })
  })
}

async function readWhole(response: AsyncIterable<unknown>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    chunks.push(chunk as Buffer)
    length += (chunk as Buffer).length
    if (length > maxBytes) throw new Error(`More than ${maxBytes} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}
