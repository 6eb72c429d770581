import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import Provider, { type Context, errors } from 'oidc-provider'
import { GrantStore } from './grant-store'
import { answerGraph, type GraphMail, graphPath } from './graph-endpoint'
import { type Person, personOf } from './person'
import { accountPage, adminPage, consentPage } from './sign-in-page'

/** A refusal in Microsoft's shape: OAuth's error, and a description that begins with an AADSTS code. */
export type OAuthError = { error: string; description: string; suberror?: string }

export type IdentityProviderOptions = {
  certificate: { key: string; cert: string } // of localhost, trusted by those who ask for tokens
  clientId: string
  clientSecret: string
  clientCertificate?: string | undefined // PEM: the application proves itself with its key, and a secret counts for nothing
  redirectUri: string
  kept?: string | null // what `onChange` was given before the last restart
  onChange?: (kept: string) => void
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

const scopes = ['openid', 'profile', 'offline_access', 'https://outlook.office.com/SMTP.Send']

/** Starts it on free loopback ports: discovery and tokens over https, the pages that a browser sees over plain http. */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const refused = new Map<string, OAuthError>()
  const forgotten = new Set<string>()
  const given = new Set<string>()
  let held: Promise<void> | null = null
  let forAll: { status: number; error?: OAuthError } | null = null
  const self: IdentityProvider = {
    authority: '',
    refuse: (address, error) => void refused.set(personOf(address).address, error),
    answerAll: answer => {
      forAll = answer
    },
    tokenLifetimeSeconds: 3600,
    forgetAccessTokens: () => {
      for (const token of given) forgotten.add(token)
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
    finishToken(ctx, self, { refused, given })
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

function makeProvider(
  issuer: string,
  { clientId, clientSecret, clientCertificate, redirectUri, kept = null, onChange = () => undefined }: IdentityProviderOptions,
  self: IdentityProvider,
) {
  return new Provider(`${issuer}/organizations/v2.0`, {
    adapter: new GrantStore(kept, onChange).adapter,
    clients: [
      {
        client_id: clientId,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        ...(clientCertificate ? byCertificate(clientCertificate) : { client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_post' }),
        id_token_signed_response_alg: 'ES256',
      },
    ],
    routes: { authorization: '/oauth2/v2.0/authorize', token: '/oauth2/v2.0/token', jwks: '/discovery/v2.0/keys' },
    jwks: { keys: [{ ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'sandbox' }] },
    scopes: [...scopes, `${issuer}/Mail.Send`], // this address stands in for Graph's, too
    claims: { openid: ['sub', 'oid', 'tid', 'ver'], profile: ['name', 'preferred_username'] },
    conformIdTokenClaims: false,
    assertJwtClientAuthClaimsAndHeader: async (_ctx: Context, _claims: object, header: Record<string, unknown>) => {
      if (clientCertificate && header['x5t#S256'] !== thumbprintOf(clientCertificate)) throw new errors.InvalidClientAuth('no such thumbprint is registered')
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx: Context, _client: object, source: { scopes: Set<string> }) => source.scopes.has('offline_access'),
    ttl: { AccessToken: () => self.tokenLifetimeSeconds, RefreshToken: 90 * 86_400, Grant: 365 * 86_400, IdToken: 3600, Interaction: 3600, Session: 86_400 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    findAccount: (_ctx: Context, accountId: string) => {
      const { address, objectId, tenantId } = personOf(accountId)
      return { accountId, claims: async () => ({ sub: accountId, oid: objectId, tid: tenantId, ver: '2.0', name: address, preferred_username: address }) }
    },
    renderError: async (ctx: Context, out: { error: string; error_description?: string }) => {
      ctx.body = `${out.error}: ${out.error_description ?? ''}`
    },
  })
}

/** The application signs an assertion with the key of its registered certificate (RFC 7523). */
function byCertificate(pem: string) {
  const key = { ...new X509Certificate(pem).publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'PS256' }
  return { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256', jwks: { keys: [key] } }
}

const thumbprintOf = (pem: string) => Buffer.from(new X509Certificate(pem).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')

/** Adds what Microsoft adds: `client_info` to a grant, an AADSTS code to a refusal. */
function finishToken(ctx: Context, self: IdentityProvider, { refused, given }: { refused: Map<string, OAuthError>; given: Set<string> }): void {
  const { params = {}, entities } = ctx.oidc ?? {}
  const { body } = ctx
  for (const secret of [params.code, params.refresh_token, params.code_verifier, params.client_assertion]) if (secret) self.tokens.push(secret)
  if (typeof body !== 'object') return
  if (ctx.status !== 200) {
    refuseToken(ctx, ctx.status, errorFor(params, body))
    return
  }
  const person = personOf(entities?.Account?.accountId ?? '')
  const refusal = refused.get(person.address)
  if (refusal && params.grant_type === 'refresh_token') {
    refuseToken(ctx, 400, refusal)
    return
  }
  if (params.grant_type === 'refresh_token') self.refreshes++
  else refused.delete(person.address)
  for (const token of [body.access_token, body.refresh_token, body.id_token]) if (typeof token === 'string') self.tokens.push(token)
  given.add(String(body.access_token))
  const clientInfo = Buffer.from(JSON.stringify({ uid: person.objectId, utid: person.tenantId })).toString('base64url')
  ctx.body = { ...body, ext_expires_in: body.expires_in, client_info: clientInfo }
}

function errorFor(params: Record<string, string | undefined>, { error, error_description }: Record<string, unknown>): OAuthError {
  if (error === 'invalid_client' && params.client_assertion)
    return { error, description: 'AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application.' }
  if (error === 'invalid_client') return { error, description: 'AADSTS7000215: Invalid client secret provided.' }
  if (error !== 'invalid_grant') return { error: String(error), description: `AADSTS900144: ${error_description}` }
  const description =
    params.grant_type === 'refresh_token'
      ? 'AADSTS70000: Provided grant is invalid or malformed.'
      : 'AADSTS54005: OAuth2 Authorization code was already redeemed, please retry with a new valid code.'
  return { error, description }
}

function refuseToken(ctx: Context, status: number, refusal?: OAuthError): void {
  ctx.status = status
  if (!refusal) {
    ctx.body = 'Service unavailable'
    return
  }
  const { error, description, suberror } = refusal
  const code = Number(/AADSTS(\d+)/.exec(description)?.[1] ?? 0)
  const shared = { timestamp: new Date().toISOString(), trace_id: personOf('trace').objectId, correlation_id: personOf('correlation').objectId }
  ctx.body = { error, error_description: description, error_codes: [code], ...shared, ...(suberror ? { suberror } : {}) }
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
