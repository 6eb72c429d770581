import { expect, test } from 'vitest'
import { startScripted } from '@/lib/testing/smtp-server'
import { checkServer } from './check-server'
import type { SubmissionServer } from './submission'

const { signal } = new AbortController()
const inTime = { isReady: false, errorCode: 'deadline', pauseReason: null, text: 'The check did not end in time' }

test.each([
  ['none', 'connect', 'it never greets'],
  ['starttls', 'connect', 'it never greets'],
  ['implicit', 'tls', 'it never answers the handshake'],
] as const)('the check of a silent server ends at its deadline (tls=%s)', async (tls, phase, why) => {
  await using silent = await startScripted(() => undefined)
  const server: SubmissionServer = { host: silent.host, port: silent.port, tls, login: null, trust: 'platform' }
  expect(await checkServer(server, { signal, deadlineMs: 150 }), why).toMatchObject({ ...inTime, phase })
})

test('a check whose time is up before it is connected says so, too', async () => {
  await using silent = await startScripted(() => undefined)
  const server: SubmissionServer = { host: silent.host, port: silent.port, tls: 'none', login: null, trust: 'platform' }
  expect(await checkServer(server, { signal, deadlineMs: 0 })).toMatchObject({ ...inTime, phase: 'connect' })
})
