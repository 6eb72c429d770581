import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { env } from '@/lib/env'
import type { GraphMail } from '@/lib/sandbox/microsoft/graph-endpoint'
import { type IdentityProvider, startIdentityProvider } from '@/lib/sandbox/microsoft/identity-provider'
import { certificateFor, type Pem } from './certificate'
import { type Smarthost, startSmarthost } from './smtp-server'

export type Microsoft = AsyncDisposable & {
  identity: IdentityProvider
  smtp: Smarthost
  graphMail: GraphMail[] // what came in over Graph, which is at the identity provider's address
  clientSecret: string
  environment: Record<string, string> // how a process of its own is told the same
  /** A browser's way through the pages: signs in as `address` and answers. Gives what the callback is called with. */
  signIn(url: string, person: { address: string; answer?: 'accept' | 'cancel' | 'admin' }): Promise<Record<string, string>>
}

/**
 * Microsoft as this process is told to know it: an identity provider, and a mail server that asks it about each token. With
 * `registered`, the application is known by that certificate and no secret; `signsWith`: the PEM file it has, the same unless told.
 */
export async function startMicrosoft({ registered, signsWith = registered }: { registered?: Pem; signsWith?: Pem | undefined } = {}): Promise<Microsoft> {
  const [clientId, clientSecret] = ['5a1d0f5e-1c2b-4000-8000-000000000365', 'client-secret-of-the-tests']
  const graphMail: GraphMail[] = []
  const identity = await startIdentityProvider({
    certificate: await certificateFor(['localhost']),
    clientId,
    clientSecret,
    clientCertificate: registered?.cert,
    redirectUri: `${env.appUrl}/oauth/microsoft/callback`,
    onMail: mail => void graphMail.push(mail),
  })
  const smtp = await startMicrosoftSmtp(identity)
  const before = { microsoft365: env.microsoft365, platform: env.platform }
  const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-m365-'))
  const clientCertificate = path.join(folder, 'application.pem')
  if (signsWith) writeFileSync(clientCertificate, signsWith.key + signsWith.cert, { mode: 0o600 })
  Object.assign(env, {
    microsoft365: { clientId, ...(signsWith ? { clientCertificate } : { clientSecret }), authority: identity.authority, graphUrl: identity.authority },
    platform: { ...env.platform, microsoft365: { host: smtp.host, port: smtp.port } },
  })
  return {
    identity,
    smtp,
    graphMail,
    clientSecret,
    environment: {
      M365_CLIENT_ID: clientId,
      M365_CLIENT_SECRET: clientSecret,
      M365_AUTHORITY: identity.authority,
      M365_GRAPH_URL: identity.authority,
      M365_SMTP_HOST: smtp.host,
      M365_SMTP_PORT: String(smtp.port),
    },
    signIn: browse,
    async [Symbol.asyncDispose]() {
      Object.assign(env, before)
      await smtp.close()
      await identity.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Takes tokens for sending, and only with the name of the mailbox they were given for. */
export const startMicrosoftSmtp = (identity: IdentityProvider): Promise<Smarthost> =>
  startSmarthost({
    checkToken: async (token, username) => {
      const person = await identity.whoHas(token)
      const mayBe = person?.address === username.toLowerCase() && person.scopes.includes('https://outlook.office.com/SMTP.Send')
      return mayBe ? null : { code: 535, text: '5.7.3 Authentication unsuccessful [WA2P291CA0001.POLP291.PROD.OUTLOOK.COM]' }
    },
  })

async function browse(
  url: string,
  { address, answer = 'accept' }: { address: string; answer?: 'accept' | 'cancel' | 'admin' },
): Promise<Record<string, string>> {
  const cookies = new Map<string, string>()
  let next = new URL(url)
  let form: URLSearchParams | null = null
  for (let steps = 0; steps < 20; steps++) {
    if (next.pathname === '/oauth/microsoft/callback') return Object.fromEntries(next.searchParams)
    const response: Response = await fetch(next, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form ? { body: form } : {}),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location) [next, form] = [new URL(location, next), null]
    else form = await fillIn(response, address, answer)
  }
  throw new Error(`the sign-in did not come back: ${next}`)
}

async function fillIn(response: Response, address: string, answer: string): Promise<URLSearchParams> {
  const html = await response.text()
  if (!response.ok || !html.includes('<form')) throw new Error(`no page to sign in at: ${response.status} ${html}`)
  return new URLSearchParams(html.includes('name="address"') ? { address, answer: 'next' } : { answer })
}
