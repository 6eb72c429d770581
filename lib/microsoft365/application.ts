import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfidentialClientApplication, type Configuration } from '@azure/msal-node'
import type { Db } from '@/db/client'
import { type PendingAuthorization, sandboxMicrosoft } from '@/db/schema'
import { env } from '@/lib/env'
import { derivedKey } from '@/lib/secret/keys'

/** The application that the operator registered with Microsoft, and where Microsoft is. */
export type MicrosoftApplication = {
  clientId: string
  clientSecret?: string | undefined
  clientCertificate?: string | undefined // a PEM file with key and certificate
  authority: string
  graphUrl: string
  smtp: { host: string; port: number }
}

export const sandboxClientId = 'posthorn-sandbox'
/** Follows from the sealing keys: web and engine know it alike. */
export const sandboxClientSecret = () => derivedKey('sandbox-microsoft').toString('hex')

/** Null: none is registered, and no sandbox plays Microsoft. */
export async function findApplication(db: Db): Promise<MicrosoftApplication | null> {
  if (env.microsoft365) return { ...env.microsoft365, smtp: env.platform.microsoft365 }
  if (env.relayUrl) return null
  const [running] = await db.select().from(sandboxMicrosoft)
  if (!running?.authority || !running.smtpPort) return null
  const { authority, smtpPort } = running
  return { clientId: sandboxClientId, clientSecret: sandboxClientSecret(), authority, graphUrl: authority, smtp: { host: 'localhost', port: smtpPort } }
}

export const isSandboxApplication = ({ clientId }: MicrosoftApplication) => clientId === sandboxClientId

/** As it has to be registered at Microsoft. */
export const redirectUri = () => `${env.appUrl}/oauth/microsoft/callback`

const signInScopes = ['offline_access', 'openid', 'profile']

/** Exchange Online has another name in each of Microsoft's national clouds, which the authority tells. */
const exchangeIn: Record<string, string> = {
  'login.microsoftonline.us': 'https://outlook.office365.us',
  'login.partner.microsoftonline.cn': 'https://partner.outlook.cn',
  'login.chinacloudapi.cn': 'https://partner.outlook.cn',
}

/** What is asked for: more would lose the right of users to consent by themselves. */
export function scopesOf(purpose: PendingAuthorization['purpose'], { graphUrl, authority }: Pick<MicrosoftApplication, 'graphUrl' | 'authority'>): string[] {
  const exchange = exchangeIn[new URL(authority).hostname] ?? 'https://outlook.office.com'
  return [purpose === 'graph' ? `${graphUrl}/Mail.Send` : `${exchange}/SMTP.Send`, ...signInScopes]
}

/**
 * A client for one operation: msal keeps tokens in its client, so one that served two people would hold both. `tenant`:
 * of a connection made already; without it any organisation may sign in, unless the authority names one itself.
 */
export function makeClient(application: MicrosoftApplication, { tenant = 'organizations', cache }: { tenant?: string; cache?: string } = {}) {
  const { clientId, clientSecret, clientCertificate, authority } = application
  const url = new URL(authority)
  const auth: Configuration['auth'] = {
    clientId,
    authority: url.pathname === '/' ? `${url.origin}/${tenant}` : authority,
    knownAuthorities: [url.host],
    ...(clientSecret ? { clientSecret } : {}),
    ...(clientCertificate ? { clientCertificate: readCertificate(clientCertificate) } : {}),
  }
  const client = new ConfidentialClientApplication({ auth })
  if (cache !== undefined) client.getTokenCache().deserialize(cache)
  return client
}

/** What an assertion is signed with. @throws Error when the file is none of key and certificate that belong together */
export function readCertificate(file: string) {
  const pem = readFileSync(file, 'utf8')
  const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/.exec(pem)?.[0]
  const x5c = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(pem)?.[0]
  if (!privateKey || !x5c) throw new Error('M365_CLIENT_CERTIFICATE must be a PEM file with private key and certificate')
  const certificate = new X509Certificate(x5c)
  if (!certificate.checkPrivateKey(createPrivateKey(privateKey))) throw new Error('The private key in M365_CLIENT_CERTIFICATE is not that of its certificate')
  return { privateKey, x5c, thumbprintSha256: certificate.fingerprint256.replaceAll(':', '') }
}
