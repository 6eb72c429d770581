import pino from 'pino'
import { env } from './env'

/** One line of JSON an event, ids only: no bodies, no secrets. Anything under these names is cut out all the same. */
export const log = pino({
  level: env.logLevel,
  base: null,
  redact: {
    paths: [
      'password',
      '*.password',
      'passwordSealed',
      '*.passwordSealed',
      'token',
      '*.token',
      'raw',
      '*.raw',
      'authorization',
      '*.authorization',
      'cookie',
      '*.cookie',
    ],
    censor: '…',
  },
})
