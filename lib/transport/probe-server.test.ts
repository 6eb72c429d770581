import { expect, test } from 'vitest'
import { lines, startScripted, startSmarthost } from '@/lib/testing/smtp-server'
import { probeServer } from './probe-server'

const mode = 'sandbox' as const

test.each(['implicit', 'starttls', 'none'] as const)('a port that speaks tls=%s is recognised, its certificate shown, and nobody signs in', async tls => {
  await using server = await startSmarthost({ tls, users: { anna: 'sesam' } })
  const [found] = await probeServer({ host: 'localhost', ports: [server.port], mode })
  expect(found).toMatchObject({ tls, offersLogin: true, errorCode: null, certificateProblem: null })
  if (tls !== 'none') expect(found?.certificate).toMatchObject({ subject: 'localhost', fingerprint256: expect.stringMatching(/^([0-9A-F]{2}:){31}/) })
  expect(server.logins, 'a probe never signs in').toEqual([])
})

test.each([
  [{ certificateIsUntrusted: true }, 'certificateUntrusted'],
  [{ certificateIsExpired: true }, 'certificateExpired'],
  [{ certificateNames: ['elsewhere.test'] }, 'certificateName'],
] as const)('a certificate nobody vouches for is shown with its reason (%j)', async (shown, certificateProblem) => {
  await using server = await startSmarthost({ ...shown, certificateNames: 'certificateNames' in shown ? [...shown.certificateNames] : ['localhost'] })
  expect(await probeServer({ host: 'localhost', ports: [server.port], mode })).toMatchObject([
    { tls: 'starttls', certificateProblem, certificate: { fingerprint256: expect.any(String) } },
  ])
})

test('several ports are tried at once, and each says why it cannot be used', async () => {
  await using closed = await startScripted(lines('554 no service'))
  await using web = await startScripted(lines('HTTP/1.1 400 Bad Request'))
  await using server = await startSmarthost({ tls: 'implicit' })
  const gone = closed.port
  const found = await probeServer({ host: 'localhost', ports: [gone, web.port, server.port, server.port], mode })
  expect(found.map(({ port, tls }) => [port, tls])).toEqual([
    [gone, null],
    [web.port, null],
    [server.port, 'implicit'],
  ])
  expect(await probeServer({ host: 'localhost', ports: [9], mode }), 'the guard is asked for each port').toMatchObject([{ errorCode: 'portNotAdmitted' }])
  expect(await probeServer({ host: '10.0.0.1', ports: [465], mode: 'live' })).toMatchObject([{ errorCode: 'notAdmitted' }])
})
