import { expect, test } from 'vitest'
import { passingRefusal } from './passing-refusal'

const reply = (code: number, enhancedStatus: string | null, text: string) => ({ code, enhancedStatus, text })

test.each([
  ['reply', reply(550, '5.4.5', 'Daily user sending quota exceeded'), 'account', 'tomorrow the account may send again'],
  ['mail', reply(554, '5.2.0', 'STOREDRV.Submission.Exception:SubmissionQuotaExceededException'), 'account', 'so may this one'],
  ['rcpt', reply(550, '5.7.1', 'You have exceeded the sending limit for your account'), 'account', 'said at the recipient, meant for the account'],
  ['rcpt', reply(550, '5.2.1', 'The user you are trying to contact is receiving mail at a rate that prevents delivery'), 'recipient', 'others get theirs'],
  ['reply', reply(550, '5.7.233', 'Your tenant has exceeded its daily limit for sending email to external recipients'), 'account', 'tomorrow it may again'],
  ['reply', reply(550, '5.7.705', 'Access denied, tenant has exceeded threshold'), null, 'what Microsoft blocks it does not lift by itself'],
  ['rcpt', reply(550, '5.1.1', 'No such user'), null, 'an unknown mailbox is final'],
  ['rcpt', reply(552, '5.2.2', 'Mailbox over quota'), null, 'a full mailbox that says 5yz is final'],
  ['reply', reply(550, null, 'Rejected by policy'), null, 'words that fit much are taken by their code'],
  ['reply', reply(554, '5.7.1', 'Client host blocked using zen.spamhaus.org'), null, 'a block list is told now, not in five days'],
  ['rcpt', reply(550, '5.7.1', '<ola@acme.test>: Recipient address rejected: sending limit exceeded'), 'account', 'a policy of Postfix is not the recipient’s'],
  ['rcpt', reply(451, '4.7.1', 'Greylisted'), null, 'a 4yz waits anyway'],
  ['rcpt', reply(451, '4.7.1', 'Greylisted, retry limit: 1 per hour'), null, 'greylisting is nobody’s quota'],
  [
    'rcpt',
    reply(450, '4.7.1', '<ola@acme.test>: Recipient address rejected: Greylisted for 5 minutes, limit exceeded per day'),
    null,
    'nor with a policy before it',
  ],
  ['rcpt', reply(451, '4.7.1', 'Hourly limit for this recipient exceeded'), 'recipient', 'nobody else waits for it'],
  ['reply', reply(452, '4.2.2', 'The mailbox of the recipient reached its daily limit'), 'recipient', 'nor where it is told after the data'],
  ['mail', reply(450, '4.7.1', 'Hourly limit exceeded'), 'account', 'whatever comes next gets the same answer'],
  ['reply', reply(452, '4.3.1', 'Daily quota of 300 messages reached'), 'account', 'that it may be tried again does not make it another quota'],
  ['mail', reply(421, '4.7.0', 'Too many messages, slow down'), null, 'a rate is learned, and not waited out'],
] as const)('%s %j rests: %s', (phase, said, whose, why) => {
  expect(passingRefusal(phase, said), why).toBe(whose)
})
