import type { Context } from 'oidc-provider'
import { personOf } from './person'

/** A refusal in Microsoft's shape: OAuth's error, and a description that begins with an AADSTS code. */
export type OAuthError = { error: string; description: string; suberror?: string }

/** What the stand-in remembers of the tokens it gave. */
export type Given = {
  refused: Map<string, OAuthError> // by address, until they sign in again
  accessTokens: Set<string>
}

type Seen = { refreshes: number; tokens: string[] }

/** Adds what Microsoft adds: `client_info` to a grant, an AADSTS code to a refusal. */
export function finishToken(ctx: Context, seen: Seen, { refused, accessTokens }: Given): void {
  const { params = {}, entities } = ctx.oidc ?? {}
  const { body } = ctx
  for (const secret of [params.code, params.refresh_token, params.code_verifier, params.client_assertion]) if (secret) seen.tokens.push(secret)
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
  if (params.grant_type === 'refresh_token') seen.refreshes++
  else refused.delete(person.address)
  for (const token of [body.access_token, body.refresh_token, body.id_token]) if (typeof token === 'string') seen.tokens.push(token)
  accessTokens.add(String(body.access_token))
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

/** No refusal: an outage, which has no JSON. */
export function refuseToken(ctx: Context, status: number, refusal?: OAuthError): void {
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
