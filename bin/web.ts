import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { announceReady, onStop, untilPrepared } from './process'

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const isDev = process.argv.includes('--dev')
Object.assign(process.env, {
  NODE_ENV: isDev ? 'development' : 'production',
  NEXT_TELEMETRY_DISABLED: '1',
  __NEXT_PROCESSED_ENV: 'true', // no .env: Next would read one for the pages, and engine, posthorn and this program would not
})

// After NODE_ENV is set. Next reads the keys when it prepares: those of this installation, not of the build.
const { env } = await import('@/lib/env')
const { log } = await import('@/lib/log')
const { derivedKey } = await import('@/lib/secret/keys')
const { closeDb, getDb } = await import('@/db/client')
const { getMode, WrongInstallation } = await import('@/lib/installation/mode')
const { warnOfMissingKeys } = await import('@/lib/operate/missing-keys')
const { assertMigrated } = await import('@/lib/operate/readiness')
const { beginOrEnd } = await import('./begin')
const { cleanHeaders, refuseBody } = await import('./web/incoming')
const { listenOn } = await import('@/lib/listen')
const { isForApi, passOn } = await import('./web/pass-on')
const { numberRequest } = await import('./web/request-log')
const { webServer } = await import('./web/web-server')
const { default: next } = await import('next')
await untilPrepared()
process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY = (await beginOrEnd(() => derivedKey('server-actions'))).toString('base64')

const mode = await beginOrEnd(async () => {
  await assertMigrated(getDb())
  await warnOfMissingKeys(getDb())
  return getMode(getDb())
})
const isSandbox = mode === 'sandbox'
const pages = new EventEmitter()
const loaded = once(pages, 'loaded') as Promise<[RequestHandler]>

const answer = (request: IncomingMessage, response: ServerResponse) => {
  cleanHeaders(request, { trustedHops: env.trustedProxyHops, appUrl: env.appUrl })
  if (isForApi(request)) return passOn(request, response, env.apiUrl)
  numberRequest(request, response)
  const refusal = refuseBody(request)
  if (refusal) return void response.writeHead(refusal, { connection: 'close' }).end()
  const served = loaded.then(([handle]) => handle(request, response))
  served.catch((error: unknown) => {
    log.error({ requestId: request.headers['x-request-id'], err: error }, 'request failed')
    if (!response.headersSent) response.writeHead(500)
    response.end()
  })
}

const addresses = env.listenAddress ? [env.listenAddress] : isSandbox ? ['127.0.0.1', '::1'] : ['::']
const servers = await beginOrEnd(listenEverywhere) // before the pages are loaded: what is in the way is said at once, and who asks meanwhile waits
/**
 * Whoever offers to change the protocol, as Java's programs offer HTTP/2, is answered as anybody else, as long as nobody listens for it. Next
 * would listen at the server that it answers for, and drop such requests without a word: but for dev's pages this one is there instead.
 */
const neverListening = isDev ? undefined : createServer()
const app = next({ dev: isDev, dir: process.cwd(), hostname: 'localhost', port: env.port, httpServer: neverListening })
await beginOrEnd(() => app.prepare().catch(orSayWhatToBuild))
pages.emit('loaded', app.getRequestHandler())
announceReady({ url: env.appUrl })
log.info({ url: env.appUrl, addresses }, 'web listens')

onStop(async () => {
  for (const server of servers) server.close()
  for (const server of servers) server.closeIdleConnections()
  await new Promise(resolve => setTimeout(resolve, 300).unref()) // answers under way end; live streams are cut and resume elsewhere
  for (const server of servers) server.closeAllConnections()
  await closeDb(getDb())
})

function orSayWhatToBuild(error: Error): never {
  throw error.message.startsWith('Could not find a production build') ? new WrongInstallation('The pages are not built. Run: npm run build') : error
}

async function listenEverywhere(): Promise<Server[]> {
  const listening = await Promise.all(addresses.map(address => listenOn({ setting: 'PORT', port: env.port, address }, listen)))
  return listening.filter(server => server !== null)
}

/** Null where a kernel without IPv6 lacks the second address of a sandbox. */
async function listen(address: string): Promise<Server | null> {
  const server = webServer(answer, { proxyHops: env.trustedProxyHops })
  server.listen(env.port, address)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (addresses.length > 1 && address === '::1' && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(code)) return null
    throw error
  }
  log.debug({ address: (server.address() as AddressInfo).address, port: env.port }, 'listening')
  return server
}
