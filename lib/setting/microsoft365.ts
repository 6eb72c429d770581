import type { Environment } from './environment'
import { WrongSettings } from './wrong-settings'

/** Undefined while the operator has registered no application; a half-set registration refuses to start. */
export function microsoft365Of(read: Environment) {
  const { M365_CLIENT_ID: clientId, M365_CLIENT_SECRET: clientSecret, M365_CLIENT_CERTIFICATE: clientCertificate, M365_AUTHORITY, M365_GRAPH_URL } = read
  if (!clientId && !clientSecret && !clientCertificate) return undefined
  if (!clientId) throw new WrongSettings('M365_CLIENT_ID is missing: the secret or certificate belongs to an application')
  if (Boolean(clientSecret) === Boolean(clientCertificate)) throw new WrongSettings('Set one of M365_CLIENT_SECRET and M365_CLIENT_CERTIFICATE')
  return {
    clientId,
    clientSecret,
    clientCertificate, // a PEM file with key and certificate
    secretEnds: read.M365_CLIENT_SECRET_EXPIRES,
    authority: M365_AUTHORITY.replace(/\/+$/, ''),
    graphUrl: M365_GRAPH_URL.replace(/\/+$/, ''),
  }
}
