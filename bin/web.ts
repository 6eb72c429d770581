import { createServer, type IncomingMessage } from 'node:http'
import next from 'next'
import { closeDb, getDb } from '@/db/client'
import { env } from '@/lib/env'
import { getMode } from '@/lib/installation/installation'
import { log } from '@/lib/log'
import { derivedKey } from '@/lib/secret/keys'

/**
 * The web process: a small Node server around Next's request handler. It decides what Next may believe of a
 * request's origin (Next trusts forwarding headers from anybody) and who may reach a sandbox at all.
 */
const mode = await getMode(getDb())
process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY = derivedKey('server-actions').toString('base64') // any number of webs on one build read each other's forms
process.env.NEXTAUTH_URL = env.appUrl

const hostname = mode === 'sandbox' ? '127.0.0.1' : undefined // a sandbox signs in by a click: nobody else may reach it
const app = next({ dev: false, hostname: new URL(env.appUrl).hostname, port: env.port })
await app.prepare()
const answer = app.getRequestHandler()

const server = createServer({ headersTimeout: 15_000, requestTimeout: 60_000 }, (request, response) => {
  believeOnlyOurProxies(request)
  answer(request, response).catch(error => {
    log.error({ error: error instanceof Error ? error.message : String(error) }, 'request failed')
    if (!response.headersSent) response.writeHead(500).end()
  })
})

const forwardingHeaders = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-real-ip',
  'x-posthorn-peer',
  'x-posthorn-forwarded',
]

/**
 * Overwrites what a client could pretend. With TRUSTED_PROXY_HOPS = n the peer is the n-th address from the right
 * of X-Forwarded-For: those further left were written by the client itself.
 */
function believeOnlyOurProxies(request: IncomingMessage): void {
  const { headers } = request
  const wasForwarded = forwardingHeaders.some(name => headers[name] !== undefined)
  const hops = String(headers['x-forwarded-for'] ?? '').split(',')
  const peer = (env.trustedProxyHops > 0 && hops.at(-env.trustedProxyHops)?.trim()) || request.socket.remoteAddress || ''
  for (const name of forwardingHeaders) delete headers[name]
  headers['x-posthorn-peer'] = peer
  headers['x-forwarded-for'] = peer
  headers['x-forwarded-proto'] = new URL(env.appUrl).protocol.slice(0, -1)
  headers['x-forwarded-host'] = headers.host ?? new URL(env.appUrl).host
  if (wasForwarded) headers['x-posthorn-forwarded'] = '1'
}

server.on('error', error => {
  log.fatal({ error: error.message }, 'web cannot listen')
  process.exit(1)
})
server.listen(env.port, hostname, () => log.info({ port: env.port, mode }, 'web listens'))

let isStopping = false
async function stop() {
  if (isStopping) return
  isStopping = true
  server.close()
  server.closeIdleConnections()
  setTimeout(() => server.closeAllConnections(), 3000).unref() // open event streams
  await new Promise<void>(resolve => server.once('close', resolve))
  await app.close()
  await closeDb(getDb())
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
