import { z } from 'zod'
import { parseRelay } from '../transport/relay'
import { assertDatabaseUrl } from './database-url'
import { WrongSettings } from './wrong-settings'

const blankIsUnset = (value: unknown) => (value === '' ? undefined : value)
const optional = z.preprocess(blankIsUnset, z.string().optional())

/** A text that one of our own readers understands; what it says against it is the whole line. */
const readable = (read: (text: string) => unknown) =>
  optional.superRefine((text, context) => {
    try {
      if (text !== undefined) read(text)
    } catch (error) {
      if (!(error instanceof WrongSettings)) throw error
      context.addIssue({ code: 'custom', message: error.message })
    }
  })

const port = (byDefault: number) => z.preprocess(blankIsUnset, z.coerce.number().int().min(0).max(65535).default(byDefault))
const list = z.preprocess(blankIsUnset, z.string().default('')).transform(text => text.split(/[\s,]+/).filter(Boolean))

/** Every setting as it is written. Nothing here is required: a fresh checkout is a sandbox on one machine. */
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
  DATABASE_URL: readable(assertDatabaseUrl),
  POSTHORN_KEYS: optional,
  RELAY_URL: readable(parseRelay),
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

/** @throws WrongSettings with a line for each setting that cannot be; none shows what was set */
export function parseEnvironment(variables: Record<string, string | undefined>): Environment {
  const parsed = environment.safeParse(variables)
  if (parsed.success) return parsed.data
  throw new WrongSettings(...parsed.error.issues.map(({ code, path, message }) => (code === 'custom' ? message : `${path.join('.')} ${message}`)))
}

export type Environment = z.output<typeof environment>
