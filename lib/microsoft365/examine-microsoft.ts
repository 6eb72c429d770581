import type { Db } from '@/db/client'
import { now } from '@/lib/clock'
import { env } from '@/lib/env'
import type { Mode } from '@/lib/installation/mode'
import { probeServer } from '@/lib/transport/probe-server'
import { findApplication, type MicrosoftApplication, makeClient, readCertificate, redirectUri, scopesOf } from './application'
import { explainOAuthError } from './explain-oauth-error'
import { certificateEnd, type SecretEnd, secretEnd, secretEndText } from './secret-end'

export type Check = { name: string; look: () => Promise<string> }

const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const patienceMs = 10_000

/** What the operator needs so that users can connect their mailboxes, one check each; a look that throws says what is wrong. */
export async function microsoftChecks(db: Db, mode: Mode): Promise<Check[]> {
  const application = await findApplication(db)
  if (!env.microsoft365 && mode === 'sandbox')
    return [{ name: 'microsoft365', look: async () => 'played by this sandbox; a live installation registers an application' }]
  if (!application) return [{ name: 'microsoft365', look: async () => `not set up: nobody can connect a mailbox. ${whatToRegister()}` }]
  return [
    { name: 'microsoft365 registration', look: async () => whatToRegister() },
    { name: 'microsoft365 client id', look: async () => clientIdText(application) },
    { name: application.clientCertificate ? 'microsoft365 certificate' : 'microsoft365 secret', look: async () => secretText(application) },
    { name: 'microsoft365 sign-in', look: () => signInText(application) },
    { name: 'microsoft365 application', look: () => applicationText(application) },
    { name: 'microsoft365 redirect', look: () => redirectText(application) },
    { name: 'microsoft365 smtp', look: () => smtpText(application, mode) },
    { name: 'microsoft365 graph', look: () => graphText(application) },
  ]
}

/** What stands in the registration at Microsoft Entra; only the operator can see whether it does. */
const whatToRegister = () =>
  `Register at entra.microsoft.com, App registrations: accounts in any organizational directory; platform Web with redirect URI ${redirectUri()}; ` +
  'delegated permissions SMTP.Send (Office 365 Exchange Online) and, for sending over Graph, Mail.Send (Microsoft Graph), besides openid, profile and offline_access'

function clientIdText({ clientId }: MicrosoftApplication): string {
  if (!guid.test(clientId)) throw new Error(`M365_CLIENT_ID is ${clientId}, which is no application (client) ID`)
  return clientId
}

function secretText({ clientSecret, clientCertificate }: MicrosoftApplication): string {
  if (clientCertificate) return certificateText(clientCertificate)
  if (guid.test(clientSecret ?? '')) throw new Error("M365_CLIENT_SECRET looks like the secret's ID; its value is wanted, which Entra shows only once")
  const end = secretEnd(env.microsoft365?.secretEnds, now())
  return end ? endText(end) : 'set; state its end in M365_CLIENT_SECRET_EXPIRES to be warned 30, 7 and 1 days before'
}

function endText(end: SecretEnd): string {
  if (end.threshold !== null && end.threshold <= 7) throw new Error(`${secretEndText(end)}: make a new one now`)
  return end.threshold === null ? secretEndText(end) : `${secretEndText(end)}: make a new one soon`
}

/** The thumbprint is what the registration shows of it. */
function certificateText(file: string): string {
  const { thumbprintSha256 } = readCertificate(file)
  return `${file}, SHA-256 thumbprint ${thumbprintSha256}, ${endText(certificateEnd(file, now()))}`
}

/** Whether Microsoft's sign-in is where M365_AUTHORITY says. */
async function signInText({ authority }: MicrosoftApplication): Promise<string> {
  const tenant = new URL(authority).pathname === '/' ? '/organizations' : ''
  const response = await get(`${authority}${tenant}/v2.0/.well-known/openid-configuration`)
  const found: unknown = await response.json().catch(() => null)
  const hasTokens = typeof found === 'object' && found !== null && 'token_endpoint' in found
  if (!response.ok || !hasTokens) throw new Error(`${authority} answers ${response.status} and does not say where to sign in: check M365_AUTHORITY`)
  return authority
}

/** A request that cannot succeed: what matters is whether the application itself is refused. */
async function applicationText(application: MicrosoftApplication): Promise<string> {
  const client = makeClient(application)
  try {
    await client.acquireTokenByRefreshToken({ refreshToken: 'posthorn-doctor', scopes: scopesOf('connect', application).slice(0, 1) })
  } catch (error) {
    const { errorCode = '', message = String(error) } = error as { errorCode?: string; message?: string }
    const { cause, code, fixedBy } = explainOAuthError({ error: errorCode, description: message })
    if (cause === 'network' || cause === 'transient') throw new Error(`could not be asked: ${message}`)
    if (fixedBy === 'platform' && cause !== 'malformedRequest') throw new Error(`Microsoft refuses it (${code ?? errorCode}, ${cause}): ${message}`)
  }
  return 'not refused by Microsoft, as far as can be told without a sign-in'
}

/**
 * Asks to sign in without a page: where the redirect URI is registered, even the refusal is sent there. Permissions show only
 * when a person consents.
 */
async function redirectText(application: MicrosoftApplication): Promise<string> {
  const url = await makeClient(application).getAuthCodeUrl({ scopes: scopesOf('connect', application), redirectUri: redirectUri(), prompt: 'none' })
  const response = await get(url)
  if (response.headers.get('location')?.startsWith(redirectUri())) return `${redirectUri()} is registered`
  const page = await response.text()
  if (/AADSTS500?11\b|invalid_redirect_uri/.test(page)) throw new Error(`${redirectUri()} is not a redirect URI of the registration: add it, platform Web`)
  return `whether ${redirectUri()} is registered shows at the first sign-in only`
}

async function smtpText({ smtp: { host, port } }: MicrosoftApplication, mode: Mode): Promise<string> {
  const [probed] = await probeServer({ host, ports: [port], mode })
  const server = `${host}:${port}`
  if (!probed || probed.errorCode) throw new Error(`${server} cannot be reached (${probed?.errorCode}): check the firewall and M365_SMTP_HOST`)
  if (probed.tls !== 'starttls') throw new Error(`${server} does not offer STARTTLS`)
  if (probed.certificateProblem) throw new Error(`${server}: ${probed.certificateProblem}`)
  if (!probed.offersLogin) throw new Error(`${server} offers no sign-in`)
  return server
}

async function graphText({ graphUrl }: MicrosoftApplication): Promise<string> {
  const { status } = await get(`${graphUrl}/v1.0/me`)
  if (status >= 500) throw new Error(`${graphUrl} answers ${status}`)
  return graphUrl
}

async function get(url: string): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(patienceMs), redirect: 'manual' })
  } catch (error) {
    const { message, cause } = error as Error
    throw new Error(`${url} cannot be reached: ${cause instanceof Error ? cause.message : message}`)
  }
}
