import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { answerGraph, type GraphMail, graphPath } from './graph-endpoint'
import { type Person, personOf } from './person'
import { type Application, makeProvider } from './provider'
import { consentForAll, signIn } from './sign-in'
import { finishToken, type Given, type OAuthError, refuseToken } from './token-answer'

type IdentityProviderOptions = Application & {
  certificate: { key: string; cert: string } // of localhost, trusted by those who ask for tokens
  onMail?: (mail: GraphMail) => Promise<void> | void // what came in over Graph
}

/** The stand-in for Microsoft's identity platform, and what a test may make it do. */
export type IdentityProvider = {
  authority: string // https://localhost:port, to be named as M365_AUTHORITY
  /** Refresh tokens of this person are answered so, until they sign in again. */
  refuse(address: string, error: OAuthError): void
  /** What the token endpoint answers whoever asks: a status alone for an outage. Null: it works again. */
  answerAll(answer: { status: number; error?: OAuthError } | null): void
  /** Access tokens given from now on live so long. */
  tokenLifetimeSeconds: number
  /** Access tokens given so far count no more; the grants go on. */
  forgetAccessTokens(): void
  /** Whose token it is, and for what; null when it is none, or expired. */
  whoHas(accessToken: string): Promise<(Person & { scopes: string[] }) | null>
  /** Whoever asks for a token waits, until the function given back is called. */
  hold(): () => void
  asked: number // for tokens, granted or not
  refreshes: number // granted
  tokens: string[] // every token, code and secret that ever travelled
  redirectUri: string
  close(): Promise<void>
}

/** Starts it on free loopback ports: discovery and tokens over https, the pages that a browser sees over plain http. */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const given: Given = { refused: new Map(), accessTokens: new Set() }
  const forgotten = new Set<string>()
  let held: Promise<void> | null = null
  let forAll: { status: number; error?: OAuthError } | null = null
  const self: IdentityProvider = {
    authority: '',
    refuse: (address, error) => void given.refused.set(personOf(address).address, error),
    answerAll: answer => {
      forAll = answer
    },
    tokenLifetimeSeconds: 3600,
    forgetAccessTokens: () => {
      for (const token of given.accessTokens) forgotten.add(token)
    },
    whoHas: async accessToken => {
      const found = forgotten.has(accessToken) ? undefined : await provider.AccessToken.find(accessToken)
      return found && !found.isExpired ? { ...personOf(found.accountId), scopes: (found.scope ?? '').split(' ') } : null
    },
    hold: () => {
      let letGo = () => {}
      held = new Promise(resolve => {
        letGo = resolve
      })
      return letGo
    },
    asked: 0,
    refreshes: 0,
    tokens: [options.clientSecret],
    redirectUri: options.redirectUri,
    close: async () => {
      await Promise.all([secure, plain].map(stop))
    },
  }
  const secure = createHttps(options.certificate, answer)
  const plain = createHttp(answer)
  const [tokenOrigin, pageOrigin] = [`https://localhost:${await listen(secure)}`, `http://localhost:${await listen(plain)}`]
  self.authority = tokenOrigin
  const provider = makeProvider(tokenOrigin, options, self)
  provider.use(async (ctx, next) => {
    if (!ctx.path.endsWith('/token')) return next()
    self.asked++
    await held
    if (forAll) return refuseToken(ctx, forAll.status, forAll.error)
    await next()
    finishToken(ctx, self, given)
  })
  const answerOAuth = provider.callback()
  return self

  /** `/{tenant}/…` as Microsoft's addresses are shaped; the stand-in serves every tenant alike. */
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'https://localhost')
    const path = url.pathname.replace(/^\/(?!oauth2\/)[^/]+(?=\/(oauth2\/v2\.0|v2\.0)\/)/, '')
    if (url.searchParams.get('prompt') === 'select_account') url.searchParams.set('prompt', 'login consent')
    request.url = path + url.search
    if (path.endsWith('/token')) Object.assign(request, { originalUrl: url.pathname + url.search }) // whom a signed assertion must name
    if (path === graphPath) guarded(response, answerGraph(request, response, { whoHas: self.whoHas, take: mail => options.onMail?.(mail) }))
    else if (path === '/v2.0/.well-known/openid-configuration') sendJson(response, metadataOf(url.pathname.split('/')[1] ?? '', { tokenOrigin, pageOrigin }))
    else if (path === '/v2.0/adminconsent') guarded(response, consentForAll(options.redirectUri, { request, response }))
    else if (path.startsWith('/interaction/')) guarded(response, signIn(provider, options.clientId, { request, response }))
    else answerOAuth(request, response)
  }
}

/** The metadata of one tenant, as `/.well-known/openid-configuration` gives it. */
function metadataOf(tenant: string, { tokenOrigin, pageOrigin }: { tokenOrigin: string; pageOrigin: string }) {
  const [tokens, pages] = [`${tokenOrigin}/${tenant}`, `${pageOrigin}/${tenant}`]
  return {
    issuer: `${tokens}/v2.0`,
    authorization_endpoint: `${pages}/oauth2/v2.0/authorize`,
    token_endpoint: `${tokens}/oauth2/v2.0/token`,
    end_session_endpoint: `${pages}/oauth2/v2.0/logout`,
    jwks_uri: `${tokens}/discovery/v2.0/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['ES256'],
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, 'localhost')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise(resolve => server.close(() => resolve()))
}

function guarded(response: ServerResponse, answered: Promise<void>): void {
  answered.catch((error: unknown) => {
    if (!response.headersSent) response.writeHead(400, { 'Content-Type': 'text/plain; charset=utf-8' })
    response.end(error instanceof Error ? error.message : String(error))
  })
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}
