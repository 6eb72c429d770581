import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { announceReady, onStop, untilPrepared } from './process'

const isDev = process.argv.includes('--dev')
Object.assign(process.env, { NODE_ENV: isDev ? 'development' : 'production', NEXT_TELEMETRY_DISABLED: '1' })

// After NODE_ENV is set. Next reads the keys when it prepares: those of this installation, not of the build.
const { env } = await import('@/lib/env')
const { log } = await import('@/lib/log')
const { derivedKey } = await import('@/lib/secret/keys')
const { arrivesWithinMs } = await import('@/lib/api/read-body')
const { closeDb, getDb } = await import('@/db/client')
const { getMode } = await import('@/lib/installation/mode')
const { assertMigrated } = await import('@/lib/operate/readiness')
const { beginOrEnd } = await import('./begin')
const { cleanHeaders, refuseBody } = await import('./web/incoming')
const { listenOn } = await import('@/lib/listen')
const { isForApi, passOn } = await import('./web/pass-on')
const { numberRequest } = await import('./web/request-log')
const { default: next } = await import('next')
await untilPrepared()
process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY = (await beginOrEnd(() => derivedKey('server-actions'))).toString('base64')

const mode = await beginOrEnd(async () => {
  await assertMigrated(getDb())
  return getMode(getDb())
})
const isSandbox = mode === 'sandbox'
const app = next({ dev: isDev, dir: process.cwd(), hostname: 'localhost', port: env.port })
await app.prepare()
const handle = app.getRequestHandler()

const answer = (request: IncomingMessage, response: ServerResponse) => {
  cleanHeaders(request, { trustedHops: env.trustedProxyHops, appUrl: env.appUrl })
  if (isForApi(request)) return passOn(request, response, env.apiUrl)
  numberRequest(request, response)
  const refusal = refuseBody(request)
  if (refusal) return void response.writeHead(refusal, { connection: 'close' }).end()
  handle(request, response).catch((error: unknown) => {
    log.error({ requestId: request.headers['x-request-id'], err: error }, 'request failed')
    if (!response.headersSent) response.writeHead(500)
    response.end()
  })
}

const addresses = env.listenAddress ? [env.listenAddress] : isSandbox ? ['127.0.0.1', '::1'] : ['::']
const servers = (await Promise.all(addresses.map(address => listenOn(address, one => listen(one, env.port))))).filter(server => server !== null)
if (servers.length === 0) throw new Error(`Port ${env.port} cannot be listened on`)
announceReady({ url: env.appUrl })
log.info({ url: env.appUrl, addresses }, 'web listens')

onStop(async () => {
  for (const server of servers) server.close()
  for (const server of servers) server.closeIdleConnections()
  await new Promise(resolve => setTimeout(resolve, 300).unref()) // answers under way end; live streams are cut and resume elsewhere
  for (const server of servers) server.closeAllConnections()
  await closeDb(getDb())
})

/** Null where this machine has no such address; a port in use is an error. */
function listen(address: string, port: number): Promise<ReturnType<typeof createServer> | null> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: arrivesWithinMs, keepAliveTimeout: 65_000 }, answer)
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL' || (error.code === 'EAFNOSUPPORT' && address === '::1')) resolve(null)
      else reject(error.code === 'EADDRINUSE' ? new Error(`Port ${port} is in use; set PORT to another`) : error)
    })
    server.listen(port, address, () => {
      log.debug({ address: (server.address() as AddressInfo).address, port }, 'listening')
      resolve(server)
    })
  })
}
