import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import path from 'node:path'
import { z } from 'zod'

/**
 * The environment, read once. Nothing here is required: a fresh checkout is a sandbox on one machine.
 * Names and defaults are explained in `.env.example`.
 */
const blankIsUnset = (value: unknown) => (value === '' ? undefined : value)
const optional = z.preprocess(blankIsUnset, z.string().optional())
const port = (byDefault: number) => z.preprocess(blankIsUnset, z.coerce.number().int().min(0).max(65535).default(byDefault))
const list = z.preprocess(blankIsUnset, z.string().default('')).transform(text => text.split(/[\s,]+/).filter(Boolean))

const environment = z.object({
  PORT: port(3000),
  APP_URL: optional,
  API_PORT: port(3001),
  SUBMISSION_PORT: port(2587),
  SUBMISSIONS_PORT: port(2465),
  EVENT_PORT: port(2525),
  SUBMISSION_TLS_KEY_FILE: optional,
  SUBMISSION_TLS_CERT_FILE: optional,
  LISTEN_ADDRESS: optional,
  DATA_DIR: z.preprocess(blankIsUnset, z.string().default('./data')),
  DATABASE_URL: optional,
  POSTHORN_KEYS: optional,
  RELAY_URL: optional,
  SANDBOX_SMTP_PORT: port(0),
  PLATFORM_FILE: z.preprocess(blankIsUnset, z.string().default('./platform.json')),
  PLATFORM_NAME: optional,
  PLATFORM_EGRESS: list,
  EVENT_DOMAIN: optional,
  SMTP_ALLOW_CIDRS: list,
  SMTP_EXTRA_PORTS: list,
  M365_CLIENT_ID: optional,
  M365_CLIENT_SECRET: optional,
  M365_CLIENT_SECRET_EXPIRES: z.preprocess(blankIsUnset, z.iso.date().optional()),
  M365_CLIENT_CERTIFICATE: optional,
  M365_AUTHORITY: z.preprocess(blankIsUnset, z.url({ protocol: /^https$/ }).default('https://login.microsoftonline.com')),
  M365_SMTP_HOST: optional,
  M365_SMTP_PORT: z.preprocess(blankIsUnset, z.coerce.number().int().min(1).max(65535).optional()),
  M365_GRAPH_URL: z.preprocess(blankIsUnset, z.url({ protocol: /^https$/ }).default('https://graph.microsoft.com')),
  DNS_SERVERS: list,
  API_URL: optional,
  API_TRUSTED_PROXY_HOPS: z.preprocess(blankIsUnset, z.coerce.number().int().min(0).default(0)),
  API_REQUESTS_PER_MINUTE: z.preprocess(blankIsUnset, z.coerce.number().int().min(0).default(0)),
  METRICS_TOKEN: optional,
  TRUSTED_PROXY_HOPS: z.preprocess(blankIsUnset, z.coerce.number().int().min(0).default(0)),
  LOG_LEVEL: z.preprocess(blankIsUnset, z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info')),
  NODE_ENV: z.preprocess(blankIsUnset, z.string().default('development')),
})

const platformProfile = z.object({
  name: z.string(),
  relay: z.object({ host: z.string(), address: z.string() }),
  egress: z.array(z.string()).min(1),
  eventDomain: z.string(),
  smtpPorts: z.array(z.number()).min(1),
  microsoft365: z.object({ host: z.string(), port: z.number() }),
  gmail: z.object({ host: z.string(), port: z.number() }),
  discovery: z
    .object({ httpsPort: z.number(), submissionsPort: z.number(), submissionPort: z.number(), providers: z.array(z.unknown()) })
    .partial()
    .default({})
    .transform(given => ({ httpsPort: 443, submissionsPort: 465, submissionPort: 587, providers: [], ...given })),
  /** What servers bear: the first profile whose hosts (and domain of the user name, where given) fit an account. */
  limits: z
    .array(
      z.object({
        name: z.string(),
        hosts: z.array(z.string()).optional(),
        domains: z.array(z.string()).optional(),
        connections: z.number().int().min(1),
        perMinute: z.number().int().min(1).nullish(),
        recipientsPerDay: z.number().int().min(1).nullish(),
      }),
    )
    .default([]),
  microsoftPasswordNotice: z.object({
    date: z.string(),
    offByDefaultFrom: z.string(),
    finalDateAnnounced: z.string(),
    guideDate: z.string(),
    source: z.string(),
    text: z.object({ pl: z.string(), en: z.string(), et: z.string() }).optional(), // in place of ours, when Microsoft says something new
  }),
})

function readPlatform(file: string) {
  const found = [file, path.join(/* turbopackIgnore: true */ process.cwd(), file)].find(candidate => existsSync(candidate))
  if (!found) throw new Error(`PLATFORM_FILE ${file} does not exist`)
  return platformProfile.parse(JSON.parse(readFileSync(found, 'utf8')))
}

function portRange(text: string) {
  const [from, to = from] = text.split('-').map(Number)
  if (!from || !to || from > to || to > 65535) throw new Error(`SMTP_EXTRA_PORTS: "${text}" is neither a port nor a range`)
  return { from, to }
}

/** Undefined while the operator has registered no application; a half-set registration refuses to start. */
function microsoft365Of(read: z.output<typeof environment>) {
  const { M365_CLIENT_ID: clientId, M365_CLIENT_SECRET: clientSecret, M365_CLIENT_CERTIFICATE: clientCertificate, M365_AUTHORITY, M365_GRAPH_URL } = read
  if (!clientId && !clientSecret && !clientCertificate) return undefined
  if (!clientId) throw new Error('M365_CLIENT_ID is missing: the secret or certificate belongs to an application')
  if (Boolean(clientSecret) === Boolean(clientCertificate)) throw new Error('Set one of M365_CLIENT_SECRET and M365_CLIENT_CERTIFICATE')
  return {
    clientId,
    clientSecret,
    clientCertificate, // a PEM file with key and certificate
    secretEnds: read.M365_CLIENT_SECRET_EXPIRES,
    authority: M365_AUTHORITY.replace(/\/+$/, ''),
    graphUrl: M365_GRAPH_URL.replace(/\/+$/, ''),
  }
}

function dnsServer(text: string) {
  const [, literal, plain, port = '53'] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(isIP(text) === 6 ? `[${text}]` : text) ?? []
  const address = literal ?? plain ?? ''
  if (!isIP(address)) throw new Error(`DNS_SERVERS: "${text}" is not an address with a port, such as 192.0.2.53:53`)
  return { address, port: Number(port) }
}

const read = environment.parse(process.env)
if (Boolean(read.SUBMISSION_TLS_KEY_FILE) !== Boolean(read.SUBMISSION_TLS_CERT_FILE))
  throw new Error('Set both SUBMISSION_TLS_KEY_FILE and SUBMISSION_TLS_CERT_FILE, or neither')
const profile = readPlatform(read.PLATFORM_FILE)

export const env = {
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
  database: read.DATABASE_URL?.startsWith('postgres')
    ? ({ dialect: 'postgres', url: read.DATABASE_URL } as const)
    : ({ dialect: 'sqlite', file: path.resolve(read.DATABASE_URL ?? path.join(read.DATA_DIR, 'posthorn.db')) } as const),
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
  smtp: { allowCidrs: read.SMTP_ALLOW_CIDRS, extraPorts: read.SMTP_EXTRA_PORTS.map(portRange) },
  microsoft365: microsoft365Of(read), // undefined: no application is registered; a sandbox has its own
  dns: { servers: read.DNS_SERVERS.map(dnsServer) }, // none: the operating system's
  metricsToken: read.METRICS_TOKEN, // undefined: /metrics answers this machine only
  trustedProxyHops: read.TRUSTED_PROXY_HOPS,
  logLevel: read.LOG_LEVEL,
  isProduction: read.NODE_ENV === 'production',
}

/** What PostgreSQL's own tools are told of the database: in their environment, since everybody on the machine can read arguments. */
export function postgresToolEnvironment(databaseUrl: string): NodeJS.ProcessEnv {
  const { hostname, port, username, password, pathname, searchParams } = new URL(databaseUrl)
  const sslMode = searchParams.get('sslmode')
  return {
    ...process.env,
    PGHOST: hostname,
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    ...(sslMode ? { PGSSLMODE: sslMode } : {}),
  }
}
