import { simpleParser } from 'mailparser'
import { expect, test } from 'vitest'
import { type Graph, startGraph } from '@/lib/testing/graph-server'
import type { Submission, SubmissionServer, TokenLogin } from './submission'
import { submit } from './submit'

const mime = (headers: string, body = 'Zażółć gęślą jaźń') => Buffer.from(`From: Anna <anna@acme.test>\r\nSubject: Faktura\r\n${headers}\r\n\r\n${body}\r\n`)
const letter: Submission = { envelopeSender: 'anna@acme.test', recipients: ['jan@firma.test'], raw: mime('To: "Kowalski, Jan" <Jan@firma.test>') }
const via = ({ host, port, url }: Graph, login: Partial<TokenLogin> = {}): SubmissionServer => ({
  host,
  port,
  tls: 'implicit',
  trust: 'platform',
  graphUrl: url,
  login: { username: 'anna@acme.test', accessToken: 'tok-good', ...login },
})

test('a message goes over Graph as it was composed, and is accepted as a whole', async () => {
  await using graph = await startGraph()
  const result = await submit(via(graph), { ...letter, recipients: ['jan@firma.test', 'ewa@firma.test'] })
  expect(result).toMatchObject({ outcome: 'accepted', phase: 'reply', reply: { code: 202 }, dataEnded: true, tls: expect.stringContaining('TLSv1.3') })
  expect(result.recipients.map(({ address, outcome }) => [address, outcome])).toEqual([
    ['jan@firma.test', 'accepted'],
    ['ewa@firma.test', 'accepted'],
  ])
  expect(graph.received[0]?.recipients, 'who stands in no header gets it as Bcc').toEqual(['Jan@firma.test', 'ewa@firma.test'])
  const mail = await simpleParser(graph.received[0]?.raw ?? '')
  expect([mail.subject, mail.text?.trim(), mail.bcc]).toEqual(['Faktura', 'Zażółć gęślą jaźń', undefined])
})

test('a redirected message reaches nobody whom only its headers name', async () => {
  await using graph = await startGraph()
  const raw = mime('To: jan@firma.test,\r\n ewa@firma.test\r\nCc: Zarząd: szef@firma.test;\r\nBcc: ukryty@firma.test')
  await submit(via(graph), { ...letter, recipients: ['test@acme.test'], raw })
  expect(graph.received[0]?.recipients).toEqual(['test@acme.test'])
  expect(graph.received[0]?.raw.toString()).toContain('X-Original-To: jan@firma.test,\r\n ewa@firma.test')
})

test('a letter that names nobody reaches who gets a blind copy, without a To that names nobody', async () => {
  await using graph = await startGraph()
  await submit(via(graph), { ...letter, raw: mime('To: Undisclosed recipients:;') })
  expect(graph.received[0]?.recipients).toEqual(['jan@firma.test'])
  expect(graph.received[0]?.raw.toString()).not.toMatch(/Undisclosed|^To:/m)
})

test('of two recipients only the one still wanting it gets a second try', async () => {
  await using graph = await startGraph()
  await submit(via(graph), { ...letter, raw: mime('To: jan@firma.test, ewa@firma.test') })
  expect(graph.received[0]?.recipients).toEqual(['jan@firma.test'])
})

test.each([
  [{ status: 429, headers: { 'retry-after': '37' } }, 'waiting', 'server', 'graphBusy', 37, 'throttled: it says how long'],
  [{ status: 503 }, 'waiting', 'server', 'graphBusy', null, 'an outage passes'],
  [{ status: 408 }, 'waiting', 'server', 'graphBusy', null, 'Graph gave up waiting for the request: it has nothing'],
  [{ status: 403, code: 'ErrorExceededMessageLimit' }, 'waiting', 'server', 'graphBusy', null, 'a day’s limit passes, and no consent is lost'],
  [{ status: 400, code: 'ErrorQuotaExceeded' }, 'waiting', 'server', 'graphBusy', null, 'so does a quota'],
  [{ status: 504 }, 'unknown', 'server', 'graphBusy', null, 'a gateway that gave up does not know either'],
  [{ status: 403, code: 'ErrorSendAsDenied' }, 'refused', 'message', 'graphSendAsDenied', null, 'another From may pass'],
  [{ status: 403, code: 'ErrorAccessDenied' }, 'waiting', 'account', 'graphConsentMissing', null, 'the consent is for the account'],
  [{ status: 404, code: 'MailboxNotEnabledForRESTAPI' }, 'waiting', 'account', 'graphNoMailbox', null, 'no mailbox, no mail'],
  [{ status: 413 }, 'refused', 'message', 'graphTooLarge', null, 'the same bytes stay too large'],
  [{ status: 400, code: 'ErrorInvalidRecipients' }, 'refused', 'message', 'graphRefused', null, 'final'],
] as const)('Graph answers %j: %s, the fault of the %s', async (answer, outcome, blame, errorCode, retryAfterSeconds, why) => {
  await using graph = await startGraph()
  graph.behave(answer)
  const result = await submit(via(graph), letter)
  expect(result, why).toMatchObject({ outcome, blame, errorCode, reply: null, retryAfterSeconds })
  expect(result.errorText).toContain(`HTTP ${answer.status}`)
})

test('a refused token is renewed once, and not again; it is one attempt, marked once', async () => {
  await using graph = await startGraph({ tokens: ['tok-new'] })
  const marks: string[] = []
  const beforeDataEnd = async () => void marks.push('ending')
  const renewed = (accessToken: string) => ({ refused: async () => ({ username: 'anna@acme.test', accessToken }) })
  expect(await submit(via(graph, { accessToken: 'tok-old', ...renewed('tok-new') }), letter, { beforeDataEnd })).toMatchObject({ outcome: 'accepted' })
  expect(marks).toEqual(['ending'])
  expect(await submit(via(graph, { accessToken: 'tok-old', ...renewed('tok-bad') }), letter)).toMatchObject({ pauseReason: 'loginRefused', phase: 'auth' })
  expect(graph.tokens).toEqual(['tok-old', 'tok-new', 'tok-old', 'tok-bad'])
})

test('3 MB pass and more are refused before anything is sent, with that reason', async () => {
  await using graph = await startGraph()
  const large = (size: number) => ({ ...letter, raw: mime('To: jan@firma.test', 'x'.repeat(size)) })
  expect(await submit(via(graph), large(2_999_000))).toMatchObject({ outcome: 'accepted' })
  expect(await submit(via(graph), large(3_000_000))).toMatchObject({ outcome: 'refused', blame: 'message', errorCode: 'graphTooLarge' })
  expect(graph.tokens).toHaveLength(1)
})

test('Graph that thinks longer about a message than all the rest may take is waited for', async () => {
  await using graph = await startGraph({ thinksMs: 1500 })
  expect(await submit(via(graph), letter, { deadlineMs: 1000 })).toMatchObject({ outcome: 'accepted' })
})

test('a connection lost before the end of the message waits, after it is unknown', async () => {
  await using graph = await startGraph()
  graph.behave('hangUp')
  expect(await submit(via(graph), letter)).toMatchObject({ outcome: 'unknown', errorCode: 'connectionLost', dataEnded: true })
  const beforeDataEnd = async () => {
    throw new Error('the lease is gone')
  }
  expect(await submit(via(graph), letter, { beforeDataEnd })).toMatchObject({ outcome: 'waiting', dataEnded: false })
  expect(graph.received).toHaveLength(0)
})

test('the token stands in no step', async () => {
  await using graph = await startGraph({ tokens: [] })
  const { steps, errorText } = await submit(via(graph, { accessToken: 'tok-secret-1' }), letter)
  expect(steps.map(({ phase, state }) => [phase, state])).toContainEqual(['reply', 'failed'])
  expect(JSON.stringify(steps) + errorText).not.toContain('tok-secret-1')
})
