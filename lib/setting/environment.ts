import { z } from 'zod'
import { digits } from '../digits'
import { relayUrl } from '../transport/relay'
import { databaseUrl } from './database-url'
import { apiUrl, appUrl, cidr, dnsServer, portRange } from './network'
import { WrongSettings } from './wrong-settings'

const blankIsUnset = (value: unknown) => (value === '' ? undefined : value)
const optional = z.preprocess(blankIsUnset, z.string().optional())

const list = z.preprocess(blankIsUnset, z.string().default('')).transform(text => text.split(/[\s,]+/).filter(Boolean))

type Context = { addIssue(issue: { code: 'custom'; message: string }): void }

/** Reads with one of our own readers; what it says against the text is the whole line. */
function readWith<T>(read: () => T, context: Context): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof WrongSettings)) throw error
    context.addIssue({ code: 'custom', message: error.message })
    return z.NEVER
  }
}

const readBy = <T>(read: (text: string) => T) => optional.transform((text, context) => (text === undefined ? undefined : readWith(() => read(text), context)))
const listOf = <T>(read: (text: string) => T) => list.transform((texts, context) => texts.map(text => readWith(() => read(text), context)))

/** A whole number; what it may be is the end of the line that is said when it is not. */
const wholeNumber = ({ from, to = Number.MAX_SAFE_INTEGER, what }: { from: number; to?: number; what: string }) =>
  z.preprocess(text => digits(typeof text === 'string' ? text.trim() : text), z.int(what).min(from, what).max(to, what))

const port = (byDefault: number) => z.preprocess(blankIsUnset, wholeNumber({ from: 0, to: 65535, what: 'must be a port, 0 to 65535' }).default(byDefault))
const count = z.preprocess(blankIsUnset, wholeNumber({ from: 0, what: 'must be a whole number, 0 or more' }).default(0))
const httpsUrl = (byDefault: string) => z.preprocess(blankIsUnset, z.url({ protocol: /^https$/, error: 'must be an https:// address' }).default(byDefault))
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Every setting as it is written. Nothing here is required: a fresh checkout is a sandbox on one machine. */
const environment = z.object({
  PORT: port(3000),
  APP_URL: readBy(appUrl),
  API_PORT: port(3001),
  SUBMISSION_PORT: port(2587),
  SUBMISSIONS_PORT: port(2465),
  EVENT_PORT: port(2525),
  SUBMISSION_TLS_KEY_FILE: optional,
  SUBMISSION_TLS_CERT_FILE: optional,
  LISTEN_ADDRESS: optional,
  DATA_DIR: z.preprocess(blankIsUnset, z.string().default('./data')),
  DATABASE_URL: readBy(databaseUrl),
  POSTHORN_KEYS: optional,
  RELAY_URL: readBy(relayUrl),
  SANDBOX_SMTP_PORT: port(0),
  PLATFORM_FILE: z.preprocess(blankIsUnset, z.string().default('./platform.json')),
  PLATFORM_NAME: optional,
  PLATFORM_EGRESS: list,
  EVENT_DOMAIN: optional,
  SMTP_ALLOW_CIDRS: listOf(cidr),
  SMTP_EXTRA_PORTS: listOf(portRange),
  M365_CLIENT_ID: optional,
  M365_CLIENT_SECRET: optional,
  M365_CLIENT_SECRET_EXPIRES: z.preprocess(blankIsUnset, z.iso.date('must be a day such as 2027-11-30').optional()),
  M365_CLIENT_CERTIFICATE: optional,
  M365_AUTHORITY: httpsUrl('https://login.microsoftonline.com'),
  M365_SMTP_HOST: optional,
  M365_SMTP_PORT: z.preprocess(blankIsUnset, wholeNumber({ from: 1, to: 65535, what: 'must be a port, 1 to 65535' }).optional()),
  M365_GRAPH_URL: httpsUrl('https://graph.microsoft.com'),
  DNS_SERVERS: listOf(dnsServer),
  API_URL: readBy(apiUrl),
  API_TRUSTED_PROXY_HOPS: count,
  API_REQUESTS_PER_MINUTE: count,
  METRICS_TOKEN: optional,
  TRUSTED_PROXY_HOPS: count,
  LOG_LEVEL: z.preprocess(blankIsUnset, z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info')),
  NODE_ENV: z.preprocess(blankIsUnset, z.string().default('development')),
})

/** @throws WrongSettings with a line for each setting that cannot be; none shows what was set */
export function parseEnvironment(variables: Record<string, string | undefined>): Environment {
  const parsed = environment.safeParse(variables)
  if (parsed.success) return parsed.data
  throw new WrongSettings(...parsed.error.issues.map(({ code, path, message }) => (code === 'custom' ? message : `${path.join('.')} ${message}`)))
}

export type Environment = z.output<typeof environment>
