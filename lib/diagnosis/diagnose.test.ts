import { expect, test } from 'vitest'
import { diagnose } from './diagnose'
import { failureFromText } from './failure'

test.each([
  ['auth', '535 5.7.8 Authentication credentials invalid', 'credentials', 'user', 'a password is mended by a person'],
  ['auth', '535-5.7.8 Username and Password not accepted', 'credentials', 'user', 'the first of several lines is enough'],
  ['auth', '504 5.7.4 Unrecognized authentication type', 'authMethod', 'user', 'another way of signing in is wanted'],
  ['mail', '530 5.7.0 Authentication required', 'authMissing', 'user', 'no login was set where one is wanted'],
  ['mail', '530 5.7.0 Must issue a STARTTLS command first', 'portOrTlsMode', 'user', 'encryption first'],
  ['rcpt', '550 5.1.1 No such user here', 'recipient', 'never', 'an unknown mailbox stays unknown'],
  ['rcpt', '452 4.2.2 Mailbox full', 'mailboxFull', 'later', 'room may be made'],
  ['rcpt', '552 5.2.2 Mailbox full', 'mailboxFull', 'never', 'a 5yz is final, whatever it is about'],
  ['rcpt', '554 5.7.1 Relay access denied', 'relayOrIp', 'user', 'a person mends it, whichever of its causes it is'],
  ['rcpt', '451 4.7.1 Greylisted, come back in 5 minutes', 'temporary', 'later', 'greylisting passes'],
  ['reply', '550 5.4.5 Daily sending quota exceeded', 'rateLimit', 'later', 'a 550 that tomorrow lifts'],
  ['reply', '554 5.7.1 Message rejected as spam', 'content', 'never', 'the same bytes stay spam'],
  ['tls', 'self-signed certificate in certificate chain', 'certificate', 'user', 'nobody vouches for this server'],
  ['dns', 'getaddrinfo ENOTFOUND smtp.acme.test', 'dns', 'later', 'a name that is not found now'],
  ['connect', 'connect ECONNREFUSED 192.0.2.1:587', 'connection', 'later', 'nobody listens for the moment'],
] as const)('at %s, "%s" is %s and may be tried: %s', (phase, text, kind, retry, why) => {
  expect(diagnose(failureFromText(text, { phase })), why).toMatchObject({ kind, retry })
})

/** As providers of the region and of the world word it, besides those of the samples above. */
test.each([
  ['auth', '535 5.7.139 Authentication unsuccessful, the user credentials were incorrect', 'credentials'],
  ['auth', '535 5.7.139 Authentication unsuccessful, basic authentication is disabled', 'providerSetting'],
  ['auth', '535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully', 'providerSetting'],
  ['auth', '534-5.7.14 Please log in via your web browser and then try again', 'accountBlocked'],
  ['auth', '535 5.7.0 Application password is REQUIRED', 'credentials'],
  ['auth', '535 5.7.8 Error: authentication failed: This user does not have access rights to this service', 'providerSetting'],
  ['auth', '535 5.7.0 POP3/IMAP/SMTP access is disabled for this mailbox', 'providerSetting'],
  ['auth', '535 Błędny login lub hasło', 'credentials'],
  ['auth', '535 5.7.1 Konto zostało zablokowane', 'accountBlocked'],
  ['auth', '525 5.7.1 Unauthorized IP address', 'relayOrIp'],
  ['auth', '454 4.7.0 Temporary authentication failure: Connection lost to authentication server', 'connection'],
  ['auth', '451 Authentication failed: Maximum credits exceeded', 'rateLimit'],
  ['mail', '454 Throttling failure: Maximum sending rate exceeded', 'rateLimit'],
  ['mail', '553 5.7.1 <biuro@acme.test>: Sender address rejected: not owned by user anna@acme.test', 'senderAddress'],
  ['rcpt', '553 Relaying disallowed as biuro@acme.test', 'senderAddress'],
  ['reply', '550 5.7.0 From address is not one of your addresses', 'senderAddress'],
  ['reply', '551 5.7.1 Not authorised to send from this header address', 'senderAddress'],
  ['rcpt', '550 Domain acme.test has exceeded the max emails per hour (200/200 (100%)) allowed. Message discarded.', 'rateLimit'],
  ['mail', '550 5.7.1 Przekroczono limit wysłanych wiadomości', 'rateLimit'],
  ['reply', '550 5.1.90 Your message can’t be sent because you’ve reached your daily limit for message recipients', 'rateLimit'],
  ['rcpt', '550 SMTP AUTH is required for message submission on port 587', 'authMissing'],
  ['mail', '550 Unauthenticated senders not allowed', 'authMissing'],
  ['rcpt', '553 sorry, that domain is not in my list of allowed rcpthosts (#5.7.1)', 'relayOrIp'],
  ['rcpt', '552 Requested mail action aborted: exceeded storage allocation', 'mailboxFull'],
  ['rcpt', '452 4.2.2 Skrzynka odbiorcy jest pełna', 'mailboxFull'],
  ['rcpt', '550 5.1.1 Nie ma takiego użytkownika', 'recipient'],
  ['rcpt', '550 No such person at this address', 'recipient'],
  ['reply', '552 5.3.4 Message size exceeds fixed limit', 'content'],
  ['connect', '554-No SMTP service', 'ipReputation'],
  [
    'reply',
    '550-5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to pass either SPF or DKIM',
    'senderAuthentication',
  ],
] as const)('at %s, "%s" is %s', (phase, text, kind) => {
  expect(diagnose(failureFromText(text, { phase })).kind).toBe(kind)
})

test.each([
  '550 5.7.1 Relaying denied',
  '535 5.7.3 Authentication unsuccessful',
  '504 5.7.4 Unrecognized authentication type',
  '550 Requested action not taken: mailbox unavailable',
])('"%s" has several causes, and none is named for sure', text => {
  expect(diagnose(failureFromText(text)).isSure).toBe(false)
})

test.each(['550 5.7.1 Access denied', '550 no', '554 5.0.0 Error'])('what "%s" means is not claimed to be sure', text => {
  expect(diagnose(failureFromText(text)).isSure, 'the words fit many causes').toBe(false)
})

test('a size or a port beside the reply is not taken for its code', () => {
  expect(failureFromText('connect ETIMEDOUT 192.0.2.1:465').code).toBeNull()
  expect(failureFromText('host mx.acme.test[192.0.2.250] said: 550 5.1.1 unknown')).toMatchObject({ code: 550, enhancedStatus: '5.1.1' })
})
