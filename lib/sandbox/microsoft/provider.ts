import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import Provider, { type Context, errors } from 'oidc-provider'
import { GrantStore } from './grant-store'
import { personOf } from './person'

/** The one application that is registered, and where its grants are kept. */
export type Application = {
  clientId: string
  clientSecret: string
  clientCertificate?: string | undefined // PEM: the application proves itself with its key, and a secret counts for nothing
  redirectUri: string
  kept?: string | null // what `onChange` was given before the last restart
  onChange?: (kept: string) => void
}

const scopes = ['openid', 'profile', 'offline_access', 'https://outlook.office.com/SMTP.Send']

/** oidc-provider in Microsoft's shapes. `lifetime` tells how long an access token given now lives. */
export function makeProvider(
  issuer: string,
  { clientId, clientSecret, clientCertificate, redirectUri, kept = null, onChange = () => undefined }: Application,
  lifetime: { tokenLifetimeSeconds: number },
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
    ttl: {
      AccessToken: () => lifetime.tokenLifetimeSeconds,
      RefreshToken: 90 * 86_400,
      Grant: 365 * 86_400,
      IdToken: 3600,
      Interaction: 3600,
      Session: 86_400,
    },
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
