import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** What every test file starts from, set before anything reads `lib/env`: a folder of its own, fixed test keys, no log. */
export function prepareEnvironment(): void {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'posthorn-test-'))
  Object.assign(process.env, {
    DATA_DIR: dataDir,
    POSTHORN_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    LOG_LEVEL: 'silent',
    SMTP_ALLOW_CIDRS: '127.0.0.0/8,::1/128',
    SMTP_EXTRA_PORTS: '1024-65535',
  })
  delete process.env.DATABASE_URL
  delete process.env.RELAY_URL
}
