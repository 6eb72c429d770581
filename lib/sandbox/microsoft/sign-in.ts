import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { personOf } from './person'
import { accountPage, adminPage, consentPage } from './sign-in-page'
import type { OAuthError } from './token-answer'

const declined: OAuthError = { error: 'access_denied', description: 'AADSTS65004: User declined to consent to access the app.' }
const adminNeeded: OAuthError = {
  error: 'consent_required',
  description: 'AADSTS90094: The grant requires administrator permission. Ask your administrator to consent.',
}

/** Two pages for the browser: who signs in, and what that person agrees to. */
export async function signIn(provider: Provider, clientId: string, { request, response }: Exchange): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  const accountId = session?.accountId ?? ''
  if (request.method !== 'POST') {
    const accepted = languagesOf(request)
    const isGraph = (params.scope ?? '').includes('Mail.Send')
    const page = prompt.name === 'login' ? accountPage(accepted, { hint: params.login_hint ?? '' }) : consentPage(accepted, { address: accountId, isGraph })
    return sendPage(response, page)
  }
  const posted = await readForm(request)
  const finish = (result: object) => provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true })
  if (posted.get('answer') === 'cancel') return finish(asResult(declined))
  if (posted.get('answer') === 'admin') return finish(asResult(adminNeeded))
  if (prompt.name === 'login') return finish({ login: { accountId: personOf(posted.get('address') ?? '').address } })
  const grant = new provider.Grant({ accountId, clientId })
  grant.addOIDCScope(params.scope ?? '')
  return finish({ consent: { grantId: await grant.save() } })
}

/** The page on which an admin agrees for a whole organisation; the answer goes to `redirectUri`, with the `state` of the question. */
export async function consentForAll(redirectUri: string, { request, response }: Exchange): Promise<void> {
  const { searchParams } = new URL(request.url ?? '/', 'https://localhost')
  const [state, scope] = [searchParams.get('state') ?? '', searchParams.get('scope') ?? '']
  if (request.method !== 'POST') return sendPage(response, adminPage(languagesOf(request), { scope }))
  const posted = await readForm(request)
  const shared = { admin_consent: 'True', tenant: personOf('admin@acme.test').tenantId, state } // Microsoft says True of a refusal, too
  const outcome: Record<string, string> = posted.get('answer') === 'accept' ? { ...shared, scope } : { ...shared, ...asResult(declined) }
  const back = new URL(redirectUri)
  for (const [name, value] of Object.entries(outcome)) back.searchParams.set(name, value)
  response.writeHead(303, { Location: back.href }).end()
}

type Exchange = { request: IncomingMessage; response: ServerResponse }

const asResult = ({ error, description }: OAuthError) => ({ error, error_description: description })

const languagesOf = (request: IncomingMessage) => request.headers['accept-language'] ?? ''

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

function sendPage(response: ServerResponse, html: string): void {
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }).end(html)
}
