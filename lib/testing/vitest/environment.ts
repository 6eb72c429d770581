import { mkdirSync } from 'node:fs'
import path from 'node:path'

/** Runs before a test file imports anything, because lib/env reads the environment once in each worker, which runs many files. */
const folder = path.join(process.env.POSTHORN_TEST_FOLDER ?? '', String(process.pid))
mkdirSync(folder, { recursive: true })
const isPostgres = process.env.POSTHORN_TEST_DIALECT === 'postgres'
const server = process.env.TEST_POSTGRES_SERVER
if (isPostgres && !server) throw new Error('The PostgreSQL of the test run has not started')

Object.assign(process.env, {
  DATA_DIR: folder,
  DATABASE_URL: isPostgres ? server : path.join(folder, 'posthorn.db'),
  POSTHORN_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
  LOG_LEVEL: process.env.LOG_LEVEL || 'silent',
  SMTP_ALLOW_CIDRS: '127.0.0.0/8 ::1/128',
  SMTP_EXTRA_PORTS: '1024-65535',
})
for (const name of ['RELAY_URL', 'APP_URL', 'PLATFORM_NAME', 'PLATFORM_EGRESS', 'EVENT_DOMAIN', 'TRUSTED_PROXY_HOPS']) delete process.env[name]
