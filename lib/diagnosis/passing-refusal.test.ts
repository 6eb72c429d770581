import { expect, test } from 'vitest'
import { passingRefusal } from './passing-refusal'

const reply = (code: number, enhancedStatus: string | null, text: string) => ({ code, enhancedStatus, text })

test.each([
  ['reply', reply(550, '5.4.5', 'Daily user sending quota exceeded'), 'account', 'tomorrow the account may send again'],
  ['mail', reply(554, '5.2.0', 'STOREDRV.Submission.Exception:SubmissionQuotaExceededException'), 'account', 'so may this one'],
  ['rcpt', reply(550, '5.7.1', 'You have exceeded the sending limit for your account'), 'account', 'said at the recipient, meant for the account'],
  ['rcpt', reply(550, '5.2.1', 'The user you are trying to contact is receiving mail at a rate that prevents delivery'), 'recipient', 'others get theirs'],
  ['rcpt', reply(550, '5.1.1', 'No such user'), null, 'an unknown mailbox is final'],
  ['rcpt', reply(552, '5.2.2', 'Mailbox over quota'), null, 'a full mailbox that says 5yz is final'],
  ['reply', reply(550, null, 'Rejected by policy'), null, 'words that fit much are taken by their code'],
  ['reply', reply(554, '5.7.1', 'Client host blocked using zen.spamhaus.org'), null, 'a block list is told now, not in five days'],
  ['rcpt', reply(451, '4.7.1', 'Greylisted'), null, 'a 4yz waits anyway'],
] as const)('%s %j rests: %s', (phase, said, whose, why) => {
  expect(passingRefusal(phase, said), why).toBe(whose)
})
