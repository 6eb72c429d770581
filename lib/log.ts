import pino from 'pino'
import { env } from './env'

const secretNames = ['password', 'passwordSealed', 'token', 'accessToken', 'raw', 'authorization', 'cookie']

/** One line of JSON an event, ids only: no bodies, no secrets. Anything under these names is cut out all the same, here and one level down. */
export const log = pino({
  level: env.logLevel,
  base: null,
  redact: { paths: secretNames.flatMap(name => [name, `*.${name}`]), censor: '…' },
})
