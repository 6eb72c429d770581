import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { after, days, now } from '@/lib/clock'
import { applicationCertificate } from '@/lib/testing/certificate'
import { isPostgres } from '@/lib/testing/database'
import { type LogLine, logOfHousekeeping } from '@/lib/testing/housekeeping'

const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-secret-end-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const [warning, error] = [40, 50] // levels of pino

/** What an engine with this registration logs of its end in the coming days. */
async function loggedIn(dayCount: number, registration: Record<string, string>): Promise<LogLine[]> {
  const lines = await logOfHousekeeping(dayCount, { dataDir: folder, environment: { M365_CLIENT_ID: 'an-application', ...registration } })
  return lines.filter(({ event }) => event === 'microsoftSecretEnds')
}

const seen = (lines: LogLine[]) => lines.map(({ level, threshold }) => [level, threshold])

test.skipIf(isPostgres)('the log warns of the secret’s end 30, 7 and 1 days before and when it is over, once each, and never names the secret', async () => {
  const endsOn = after(now(), days(35)).toISOString().slice(0, 10)
  const secret = 'a-secret-that-no-log-may-hold'
  const lines = await loggedIn(40, { M365_CLIENT_SECRET: secret, M365_CLIENT_SECRET_EXPIRES: endsOn })
  expect(seen(lines)).toEqual([
    [warning, 30],
    [warning, 7],
    [error, 1],
    [error, 0],
  ])
  expect(lines[0]?.msg).toContain(`M365_CLIENT_SECRET ends on ${endsOn}, in 30 days: make a new client secret`)
  expect(lines.at(-1)?.msg).toContain(`ended on ${endsOn}: no mailbox can send by Microsoft 365`)
  expect(JSON.stringify(lines)).not.toContain(secret)
})

test.skipIf(isPostgres)('a certificate tells its end itself', async () => {
  const { key, cert } = await applicationCertificate({ endsAt: after(now(), days(9)) })
  const file = path.join(folder, 'application.pem')
  writeFileSync(file, key + cert)
  const lines = await loggedIn(3, { M365_CLIENT_CERTIFICATE: file })
  expect(seen(lines)).toEqual([
    [warning, 30],
    [warning, 7],
  ])
  expect(lines[0]?.msg).toContain('add a new certificate to the registration')
  expect(JSON.stringify(lines)).not.toContain('PRIVATE KEY')
})

test.skipIf(isPostgres)('nothing is said where no end is stated', async () => {
  expect(await loggedIn(2, { M365_CLIENT_SECRET: 'a-secret' })).toEqual([])
})
