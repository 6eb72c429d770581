import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { explain, explainAttempt, explainPause } from './explain-failure'
import { explanations } from './explanation'

const reply = (code: number, enhancedStatus: string | null, text = '') => ({ code, enhancedStatus, text })

test.each([
  ['auth', reply(534, '5.7.9', 'Application-specific password required'), null, 'gmailAppPassword', 'Gmail names the app password it wants'],
  ['auth', reply(535, '5.7.0', 'Application password is REQUIRED'), null, 'appPassword', 'others want one too'],
  ['auth', reply(535, '5.7.8', 'Error: authentication failed'), null, 'loginRefused', 'any other 535 is the login'],
  ['auth', reply(535, '5.7.3', 'Authentication unsuccessful'), null, 'microsoftLogin', 'Microsoft’s words for several causes'],
  ['auth', null, 'authNotOffered', 'authNotOffered', 'a set login is never skipped, and the page says why'],
  ['auth', reply(504, '5.7.4', 'Unrecognized authentication type'), null, 'authMethod', 'the way of signing in is not taken'],
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
  ['auth', reply(535, '5.7.139', 'SmtpClientAuthentication is disabled for the Mailbox'), null, 'smtpOffMailbox', 'a right password, and SMTP switched off'],
  ['auth', reply(535, '5.7.0', 'SMTP access is disabled for this mailbox'), null, 'smtpSwitchedOff', 'not everybody is Microsoft'],
  ['reply', reply(550, '5.4.5', 'Daily user sending limit exceeded'), null, 'tooMuch', 'a quota passes by itself'],
  ['rcpt', reply(554, '5.7.1', 'Client host [192.0.2.7] blocked using a block list'), null, 'addressBlocked', 'our address, not the message'],
  ['reply', reply(550, '5.7.26', 'fails to pass DMARC'), null, 'senderAuthentication', 'the domain does not vouch for the server'],
  ['rcpt', reply(452, '4.2.2', 'mailbox full'), null, 'mailboxFull', 'there is no room, for now'],
  ['mail', reply(530, '5.7.0', 'Must issue a STARTTLS command first'), null, 'tlsMode', 'the server wants encryption first'],
  ['mail', reply(530, '5.7.1', 'Client was not authenticated'), null, 'authMissing', 'no login where one is wanted'],
  ['rcpt', reply(554, '5.7.1', 'Relay access denied'), null, 'relayDenied', 'the server serves its own only'],
  ['rcpt', reply(550, '5.1.1', 'no such user'), null, 'recipientRefused', 'an unknown mailbox'],
  ['reply', reply(554, '5.7.1', 'spam'), null, 'contentRefused', 'refused after the data'],
  ['reply', reply(552, '5.3.4', 'Message size exceeds fixed limit'), null, 'tooLarge', 'too large is not spam'],
  ['reply', reply(550, '5.7.1', 'Access denied'), null, 'messageRefused', 'words that say nothing are explained by where they came'],
  ['connect', reply(554, null, 'no service'), null, 'other', 'a greeting that refuses has only its own words'],
] as const)('a failure at %s is explained (%j %s): %s', (phase, said, errorCode, explanation, why) => {
  expect(explain({ phase, reply: said, errorCode }).explanation, why).toBe(explanation)
})

test('what is certain is said as certain, and what is not is not', () => {
  expect(explain({ phase: 'auth', reply: reply(535, '5.7.3', 'Authentication unsuccessful'), errorCode: null }).isSure).toBe(false)
  expect(explain({ phase: 'rcpt', reply: reply(550, '5.7.1', 'Relaying denied'), errorCode: null }).isSure).toBe(false)
  expect(explain({ phase: 'rcpt', reply: reply(550, '5.1.1', 'User unknown'), errorCode: null })).toMatchObject({ isSure: true, retry: 'never' })
  expect(explain({ phase: 'tls', reply: null, errorCode: 'certificateUntrusted' })).toMatchObject({ isSure: true, retry: 'user' })
})

test('the server tells what the same words mean', () => {
  const refused = { phase: 'auth', reply: reply(535, '5.7.8', 'authentication failed'), errorCode: null } as const
  expect(explain({ ...refused, host: 'smtp.office365.com' }).explanation).toBe('microsoftLogin')
  expect(explain({ ...refused, host: 'smtp.acme.test' }).explanation).toBe('loginRefused')
})

test('an attempt is explained from its row, and one that was accepted is not', () => {
  const row = { phase: 'auth', replyCode: 535, enhancedStatus: '5.7.8', replyText: 'no', errorCode: null, serverAddress: 'smtp.acme.test 192.0.2.1' } as const
  expect(explainAttempt({ ...row, outcome: 'waiting' })?.explanation).toBe('loginRefused')
  expect(explainAttempt({ ...row, phase: 'tls', replyCode: null, errorCode: 'certificateName', outcome: 'waiting' })?.explanation).toBe('certificateName')
  expect(explainAttempt({ ...row, phase: 'reply', replyCode: 250, outcome: 'accepted' })).toBeNull()
  expect(explainAttempt({ ...row, phase: null, replyCode: null, outcome: null })).toBeNull()
})

test.each([
  ['loginRefused', '535 5.7.8 Username and Password not accepted', 'loginRefused'],
  ['loginRefused', '534 5.7.9 Application-specific password required', 'gmailAppPassword'],
  ['loginRefused', 'Offered: nothing', 'authNotOffered'],
  ['tlsFailed', 'self-signed certificate', 'certificateUntrusted'],
  ['tlsFailed', "Hostname/IP does not match certificate's altnames", 'certificateName'],
  ['tlsFailed', 'certificate has expired', 'certificateExpired'],
  ['tlsFailed', 'Not the trusted certificate, and not verified: ERR_TLS_CERT_ALTNAME_INVALID', 'certificateName'],
  ['tlsFailed', 'wrong version number', 'tlsMode'],
  ['passwordNeeded', null, 'passwordNeeded'],
  ['consentNeeded', null, 'consentNeeded'],
] as const)('a pause for %s with "%s" is explained as %s', (reason, text, explanation) => {
  expect(explainPause({ reason, text, host: 'smtp.acme.test' })).toMatchObject({ namespace: 'explain', explanation })
})

test('what Microsoft’s sign-in said keeps its own explanation', () => {
  const explained = explainPause({ reason: 'consentNeeded', text: 'AADSTS700082: The refresh token has expired due to inactivity.', host: null })
  expect(explained).toMatchObject({ namespace: 'oauthError', explanation: 'refreshExpired', retry: 'user' })
})

test.each(['pl', 'en', 'et'])('every explanation has its texts in %s', language => {
  const texts = JSON.parse(readFileSync(`app/_i18n/messages/${language}/explain.json`, 'utf8'))
  expect(Object.keys(texts).sort()).toEqual([...explanations].sort())
  for (const name of explanations) expect(Object.keys(texts[name]), name).toEqual(expect.arrayContaining(['title', 'meaning', 'step1']))
})
