import { expect, test } from 'vitest'
import type { Phase } from '@/db/schema'
import type { Reply } from './conversation'
import { judge } from './judge'
import type { Ending } from './submission'

const reply = (code: number): Reply => ({ code, enhancedStatus: null, text: 'as told' })
const ending = (phase: Phase, code: number | null, rest: Partial<Ending> = {}): Ending => ({
  phase,
  reply: code === null ? null : reply(code),
  errorCode: code === null ? 'connectionLost' : null,
  errorText: null,
  dataEnded: phase === 'reply',
  recipients: [{ address: 'k@example.test', reply: phase === 'rcpt' && code !== null ? reply(code) : null }],
  ...rest,
})

test.each<[Phase, number | null, Partial<Ending>, object, string]>([
  ['reply', 250, {}, { outcome: 'accepted', blame: 'nobody' }, 'the server took it'],
  ['dns', null, { errorCode: 'hostNotFound' }, { outcome: 'waiting', blame: 'server', pauseReason: null }, 'a name server may come back'],
  ['dns', null, { errorCode: 'notAdmitted' }, { outcome: 'waiting', blame: 'server' }, 'a name may point elsewhere tomorrow'],
  ['connect', null, { errorCode: 'timeout' }, { outcome: 'waiting', blame: 'server' }, 'the network waits'],
  ['connect', 554, {}, { outcome: 'waiting', blame: 'server' }, 'a greeting that turns us away says nothing of the message'],
  ['tls', null, { errorCode: 'certificateName' }, { outcome: 'waiting', pauseReason: 'tlsFailed' }, 'somebody has to mend the name or the certificate'],
  ['tls', null, {}, { outcome: 'waiting', blame: 'server', pauseReason: null }, 'a network that broke during encryption is the network'],
  ['tls', 454, {}, { outcome: 'waiting', blame: 'server', pauseReason: null }, 'TLS is not available due to a temporary reason'],
  ['tls', 502, {}, { outcome: 'waiting', pauseReason: 'tlsFailed' }, 'STARTTLS is required, never opportunistic'],
  ['ehlo', 421, {}, { outcome: 'waiting', blame: 'server' }, 'the server is closing'],
  ['auth', 535, {}, { outcome: 'waiting', blame: 'account', pauseReason: 'loginRefused' }, 'the account’s fault: the mail is kept'],
  ['auth', 454, {}, { outcome: 'waiting', blame: 'server', pauseReason: null }, 'a temporary authentication failure is not the password'],
  ['auth', null, { errorCode: 'authNotOffered' }, { outcome: 'waiting', pauseReason: 'loginRefused' }, 'a set login is never skipped'],
  ['mail', 530, {}, { outcome: 'waiting', pauseReason: 'loginRefused' }, 'authentication required'],
  ['mail', 535, {}, { outcome: 'waiting', pauseReason: 'loginRefused' }, 'refused for want of a login, only by another number'],
  ['mail', 550, {}, { outcome: 'refused', blame: 'message' }, 'the sender is refused for good'],
  ['mail', 450, {}, { outcome: 'waiting', blame: 'message' }, 'try later'],
  ['mail', null, { errorCode: 'tooLarge' }, { outcome: 'refused', blame: 'message' }, 'larger than the server takes'],
  ['rcpt', 550, {}, { outcome: 'refused', blame: 'recipient' }, 'an unknown mailbox is final'],
  ['rcpt', 451, {}, { outcome: 'waiting', blame: 'recipient' }, 'greylisting is temporary'],
  ['rcpt', 421, {}, { outcome: 'waiting', blame: 'server' }, 'the server is closing, whoever was asked for'],
  ['data', 554, {}, { outcome: 'refused', blame: 'message' }, 'no'],
  ['data', 452, {}, { outcome: 'waiting', blame: 'message' }, 'no room at present'],
  ['data', null, {}, { outcome: 'waiting', blame: 'server' }, 'nothing was handed over yet'],
  ['reply', 552, {}, { outcome: 'refused', blame: 'message' }, 'refused after a look at it'],
  ['reply', 451, {}, { outcome: 'waiting', blame: 'message' }, 'greylisted after the data'],
  ['reply', 421, {}, { outcome: 'waiting', blame: 'server' }, 'a 4yz is an answer: it was not taken'],
  ['reply', null, {}, { outcome: 'unknown' }, 'the answer was lost: it may have been taken'],
  ['reply', 354, {}, { outcome: 'unknown' }, 'no answer that means anything'],
])('%s with %s %o: %o (%s)', (phase, code, rest, verdict, why) => {
  expect(judge(ending(phase, code, rest)), why).toMatchObject(verdict)
})

test('each recipient is judged by its own reply', () => {
  const recipients = [250, 550, 452].map(code => ({ address: `${code}@example.test`, reply: reply(code) }))
  expect(judge(ending('reply', 250, { recipients })).recipients.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused', 'waiting'])
  expect(
    judge(ending('reply', null, { recipients })).recipients.map(({ outcome }) => outcome),
    'only what was asked for can be lost',
  ).toEqual(['unknown', 'refused', 'waiting'])
  expect(judge(ending('reply', 452, { recipients })).recipients.map(({ outcome }) => outcome)).toEqual(['waiting', 'refused', 'waiting'])
  const mixed = [550, 451].map(code => ({ address: `${code}@example.test`, reply: reply(code) }))
  expect(judge(ending('rcpt', 451, { recipients: mixed })).outcome, 'one may still be reached').toBe('waiting')
})
