import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { isPostgres } from '@/lib/testing/database'

/** Another process: what it writes is what an operator keeps. */
const logged = (text: string) => {
  const program = `process.env.LOG_LEVEL = 'info'; import('./lib/log.ts').then(({ log }) => log.error(${text}, 'an account could not be checked'))`
  return execFileSync(process.execPath, ['--import', 'tsx', '-e', program], { encoding: 'utf8' })
}

test.skipIf(isPostgres)('a secret that gets into a line of the log by mistake is cut out of it', () => {
  const names = ['password', 'passwordSealed', 'token', 'accessToken', 'raw', 'authorization', 'cookie']
  const secrets = JSON.stringify(Object.fromEntries(names.map(name => [name, `sesam-${name}`])))
  const line = logged(`{ accountId: 'a1', ...${secrets}, login: ${secrets}, err: Object.assign(new Error('no'), ${secrets}) }`)
  expect(JSON.parse(line)).toMatchObject({ accountId: 'a1', password: '…', login: { accessToken: '…' }, err: { message: 'no', token: '…' } })
  expect(line).not.toContain('sesam')
})
