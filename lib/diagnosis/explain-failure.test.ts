import { expect, test } from 'vitest'
import { explainFailure } from './explain-failure'

const reply = (code: number, enhancedStatus: string | null, text = '') => ({ code, enhancedStatus, text })

test.each([
  ['auth', reply(534, '5.7.9', 'Application-specific password required'), null, 'gmailAppPassword', 'Gmail names the app password it wants'],
  ['auth', reply(535, '5.7.8', 'Error: authentication failed'), null, 'loginRefused', 'any other 535 is the login'],
  ['auth', null, 'authNotOffered', 'authNotOffered', 'a set login is never skipped, and the page says why'],
  ['auth', reply(454, '4.7.0', 'Temporary authentication failure'), null, 'temporary', 'a 4yz at the login is not the password'],
  ['tls', reply(502, null, 'Command not implemented'), 'starttlsNotOffered', 'starttlsMissing', 'STARTTLS was chosen and is not there'],
  ['tls', null, 'tlsProtocol', 'tlsMode', 'plain text answered to a TLS hello is a wrong port'],
  ['tls', null, 'certificateName', 'certificateName', 'a certificate for another name'],
  ['dns', null, 'hostNotFound', 'hostNotFound', 'a mistyped name'],
  ['dns', null, 'notAdmitted', 'notAdmitted', 'a private address behind a public name'],
  ['connect', null, 'connectionRefused', 'connectionRefused', 'nobody listens'],
  ['connect', null, 'timeout', 'timeout', 'a firewall that drops'],
  ['mail', reply(550, '5.7.60', 'not allowed to send as this sender'), null, 'senderNotAllowed', 'the account may send as itself only'],
  ['mail', reply(553, '5.1.8', 'no'), null, 'accountBlocked', 'a bad outbound sender is an account the provider has shut'],
  ['mail', reply(550, null, 'we do not like you'), null, 'senderRefused', 'a refusal without a cause is explained by where it came'],
  ['auth', reply(535, '5.7.139', 'SmtpClientAuthentication is disabled for the Mailbox'), null, 'smtpAuthDisabled', 'a right password, and SMTP switched off'],
  ['reply', reply(550, '5.4.5', 'Daily user sending limit exceeded'), null, 'tooMuch', 'a quota passes by itself'],
  ['rcpt', reply(554, '5.7.1', 'Client host [192.0.2.7] blocked using a block list'), null, 'addressBlocked', 'our address, not the message'],
  ['reply', reply(550, '5.7.26', 'fails to pass DMARC'), null, 'senderAuthentication', 'the domain does not vouch for the server'],
  ['rcpt', reply(452, '4.2.2', 'mailbox full'), null, 'mailboxFull', 'there is no room, for now'],
  ['mail', reply(530, '5.7.0', 'Must issue a STARTTLS command first'), null, 'tlsMode', 'the server wants encryption first'],
  ['rcpt', reply(550, '5.1.1', 'no such user'), null, 'recipientRefused', 'an unknown mailbox'],
  ['reply', reply(554, '5.7.1', 'spam'), null, 'messageRefused', 'refused after the data'],
  ['connect', reply(554, null, 'no service'), null, 'other', 'a greeting that refuses has only its own words'],
] as const)('a failure at %s is explained (%j %s): %s', (phase, said, errorCode, explanation, why) => {
  expect(explainFailure({ phase, reply: said, errorCode }), why).toBe(explanation)
})
