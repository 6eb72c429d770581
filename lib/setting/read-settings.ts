import path from 'node:path'
import { isPostgresUrl } from './database-url'
import { type Environment, parseEnvironment } from './environment'
import { microsoft365Of } from './microsoft365'
import { readPlatform } from './platform-profile'
import { WrongSettings } from './wrong-settings'

/**
 * What the variables of an environment say, in our own words; names and defaults are explained in `.env.example`.
 * @throws WrongSettings
 */
export function readSettings(variables: Record<string, string | undefined>) {
  const read = parseEnvironment(variables)
  if (Boolean(read.SUBMISSION_TLS_KEY_FILE) !== Boolean(read.SUBMISSION_TLS_CERT_FILE))
    throw new WrongSettings('Set both SUBMISSION_TLS_KEY_FILE and SUBMISSION_TLS_CERT_FILE, or neither')
  const profile = readPlatform(read.PLATFORM_FILE)

  return {
    port: read.PORT,
    appUrl: read.APP_URL ?? `http://localhost:${read.PORT}`,
    apiPort: read.API_PORT,
    apiUrl: read.API_URL ?? `http://localhost:${read.API_PORT}`, // where web passes /api/v1 on to
    apiTrustedProxyHops: read.API_TRUSTED_PROXY_HOPS,
    apiRequestsPerMinute: read.API_REQUESTS_PER_MINUTE, // of one key; 0: no limit
    submissionPort: read.SUBMISSION_PORT,
    submissionsPort: read.SUBMISSIONS_PORT,
    door: { keyFile: read.SUBMISSION_TLS_KEY_FILE, certFile: read.SUBMISSION_TLS_CERT_FILE }, // both or neither; neither: a sandbox makes its own
    listenAddress: read.LISTEN_ADDRESS, // undefined: loopback in a sandbox, all addresses otherwise
    dataDir: path.resolve(read.DATA_DIR),
    database: databaseOf(read),
    sealingKeys: read.POSTHORN_KEYS, // undefined: made in dataDir
    relayUrl: read.RELAY_URL, // undefined: a sandbox
    sandboxSmtpPort: read.SANDBOX_SMTP_PORT, // 0: any free port
    platform: {
      ...profile,
      name: read.PLATFORM_NAME ?? profile.name,
      egress: read.PLATFORM_EGRESS.length > 0 ? read.PLATFORM_EGRESS : profile.egress,
      eventDomain: read.EVENT_DOMAIN ?? profile.eventDomain,
      microsoft365: { host: read.M365_SMTP_HOST ?? profile.microsoft365.host, port: read.M365_SMTP_PORT ?? profile.microsoft365.port },
    },
    smtp: { allowCidrs: read.SMTP_ALLOW_CIDRS, extraPorts: read.SMTP_EXTRA_PORTS },
    microsoft365: microsoft365Of(read), // undefined: no application is registered; a sandbox has its own
    dns: { servers: read.DNS_SERVERS }, // none: the operating system's
    metricsToken: read.METRICS_TOKEN, // undefined: /metrics answers this machine only
    trustedProxyHops: read.TRUSTED_PROXY_HOPS,
    logLevel: read.LOG_LEVEL,
    isProduction: read.NODE_ENV === 'production',
  }
}

function databaseOf({ DATABASE_URL: url, DATA_DIR }: Environment) {
  if (url && isPostgresUrl(url)) return { dialect: 'postgres', url } as const
  return { dialect: 'sqlite', file: path.resolve(/* turbopackIgnore: true */ url ?? path.join(DATA_DIR, 'posthorn.db')) } as const
}
