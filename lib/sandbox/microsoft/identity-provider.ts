import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { answerGraph, type GraphMail, graphPath } from './graph-endpoint'
import { type Person, personOf } from './person'
import { type Application, makeProvider } from './provider'
import { accountPage, adminPage, consentPage } from './sign-in-page'
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
  const asked = provider.callback()
  return self

  /** `/{tenant}/…` as Microsoft's addresses are shaped; the stand-in serves every tenant alike. */
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'https://localhost')
    const path = url.pathname.replace(/^\/(?!oauth2\/)[^/]+(?=\/(oauth2\/v2\.0|v2\.0)\/)/, '')
    if (url.searchParams.get('prompt') === 'select_account') url.searchParams.set('prompt', 'login consent')
    request.url = path + url.search
    if (path.endsWith('/token')) Object.assign(request, { originalUrl: url.pathname + url.search }) // whom a signed assertion must name
    if (path === graphPath) guarded(response, answerGraph(request, response, { whoHas: self.whoHas, take: mail => options.onMail?.(mail) }))
    else if (path === '/v2.0/.well-known/openid-configuration') discover(response, url.pathname.split('/')[1] ?? '')
    else if (path === '/v2.0/adminconsent') guarded(response, consentForAll(request, response, url))
    else if (path.startsWith('/interaction/')) guarded(response, converse(request, response))
    else asked(request, response)
  }

  function discover(response: ServerResponse, tenant: string): void {
    const [tokens, pages] = [`${tokenOrigin}/${tenant}`, `${pageOrigin}/${tenant}`]
    sendJson(response, {
      issuer: `${tokens}/v2.0`,
      authorization_endpoint: `${pages}/oauth2/v2.0/authorize`,
      token_endpoint: `${tokens}/oauth2/v2.0/token`,
      end_session_endpoint: `${pages}/oauth2/v2.0/logout`,
      jwks_uri: `${tokens}/discovery/v2.0/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['ES256'],
    })
  }

  /** Two pages: who signs in, and what that person agrees to. */
  async function converse(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session } = await provider.interactionDetails(request, response)
    const accepted = request.headers['accept-language'] ?? ''
    const accountId = session?.accountId ?? ''
    if (request.method !== 'POST')
      return sendPage(
        response,
        prompt.name === 'login'
          ? accountPage(accepted, { hint: params.login_hint ?? '' })
          : consentPage(accepted, { address: accountId, isGraph: (params.scope ?? '').includes('Mail.Send') }),
      )
    const posted = await readForm(request)
    const finish = (result: object) => provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true })
    const address = posted.get('address') ?? ''
    if (posted.get('answer') === 'cancel') return finish(asResult(declined))
    if (posted.get('answer') === 'admin') return finish(asResult(adminNeeded))
    if (prompt.name === 'login') return finish({ login: { accountId: personOf(address).address } })
    const grant = new provider.Grant({ accountId, clientId: options.clientId })
    grant.addOIDCScope(params.scope ?? '')
    return finish({ consent: { grantId: await grant.save() } })
  }

  async function consentForAll(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (request.method !== 'POST')
      return sendPage(response, adminPage(request.headers['accept-language'] ?? '', { scope: url.searchParams.get('scope') ?? '' }))
    const posted = await readForm(request)
    const back = new URL(options.redirectUri)
    const [state, scope] = ['state', 'scope'].map(name => url.searchParams.get(name) ?? '') as [string, string]
    const shared = { admin_consent: 'True', tenant: personOf('admin@acme.test').tenantId, state } // Microsoft says True of a refusal, too
    const outcome: Record<string, string> =
      posted.get('answer') === 'accept' ? { ...shared, scope } : { ...shared, error: declined.error, error_description: declined.description }
    for (const [name, value] of Object.entries(outcome)) back.searchParams.set(name, value)
    response.writeHead(303, { Location: back.href }).end()
  }
}

const declined: OAuthError = { error: 'access_denied', description: 'AADSTS65004: User declined to consent to access the app.' }
const adminNeeded: OAuthError = {
  error: 'consent_required',
  description: 'AADSTS90094: The grant requires administrator permission. Ask your administrator to consent.',
}
const asResult = ({ error, description }: OAuthError) => ({ error, error_description: description })

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

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

function sendPage(response: ServerResponse, html: string): void {
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }).end(html)
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}
