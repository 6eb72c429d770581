import { expect, test, vi } from 'vitest'
import { credentials, installations, senders } from '@/db/schema'
import { now } from '@/lib/clock'
import { seal } from '@/lib/secret/seal'
import { credentialPlace } from '@/lib/sender/open-credential'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { makeKey, programOf } from '@/lib/testing/door'
import { engineProgram } from '@/lib/testing/engine-program'
import { startSmarthost } from '@/lib/testing/smtp-server'

const password = 'sesam-otwórz-się'
const words = ['tajna treść', 'tajny temat', 'tajny załącznik']

test('the log of an engine follows a request to its attempts, in lines of JSON, without a text or a secret', { timeout: 90_000 }, async () => {
  await using db = await testDb()
  const echo = { code: 535, text: `5.7.8 ${password} is wrong, and so is ${Buffer.from(password).toString('base64')}` }
  await using smarthost = await startSmarthost({ users: { anna: password }, authReply: echo })
  await db.update(installations).set({ mode: 'live' })
  const { admin, user, second, tenantId } = await makeCompany(db)
  const server = { host: smarthost.host, port: smarthost.port, tls: 'starttls' as const, username: 'anna' }
  await db.insert(senders).values({ cardId: user.cardId, tenantId, choice: 'smtp', ...server, updatedAt: now() })
  const passwordSealed = seal(password, credentialPlace({ tenantId, cardId: user.cardId, ...server }))
  await db.insert(credentials).values({ cardId: user.cardId, tenantId, ...server, passwordSealed, savedAt: now() })
  await db
    .insert(credentials)
    .values({ cardId: second.cardId, tenantId, ...server, passwordSealed: passwordSealed.replace(/^v1\.[^.]+/, 'v1.gone'), savedAt: now() })
  const { key } = await makeKey(db, admin)
  await using engine = await engineProgram(1, { logLevel: 'debug' })
  await engine.start()

  const attachments = [{ filename: 'x.txt', content: Buffer.from(words[2] ?? '').toString('base64') }]
  const response = await fetch(`http://127.0.0.1:${engine.apiPort}/api/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ from_user: 'ANNA', to: ['klient@example.test'], subject: words[1], text: words[0], attachments }),
  })
  const { id } = (await response.json()) as { id: string }
  const door = { tlsPort: engine.doorPort, starttlsPort: 0, [Symbol.asyncDispose]: async () => undefined }
  await programOf(door, 'ANNA@acme', key).sendMail({ from: 'anna@acme.test', to: 'klient@example.test', subject: words[1], text: words[0] })
  await expect(programOf(door, 'ANNA@acme', `${key}x`).verify()).rejects.toThrow()
  const lines = () =>
    engine
      .output()
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line) as Record<string, unknown>)
  await vi.waitFor(() => expect(lines()).toContainEqual(expect.objectContaining({ event: 'attempt', messageId: id, phase: 'auth', code: 535 })), {
    timeout: 20_000,
  })
  expect(lines()).toContainEqual(expect.objectContaining({ event: 'apiAnswered', requestId: response.headers.get('x-request-id'), messageId: id }))
  expect(lines(), 'a login refused at the door').toContainEqual(expect.objectContaining({ event: 'doorLoginRefused' }))
  expect(lines(), 'a key that was forgotten').toContainEqual(expect.objectContaining({ event: 'keysMissing', secrets: 2, unopened: 1, keyIds: ['gone'] }))
  const secrets = [password, key, ...words]
  for (const secret of [...secrets, ...secrets.map(text => Buffer.from(text).toString('base64')), 'klient@example.test']) {
    expect(engine.output(), secret).not.toContain(secret)
  }
})
