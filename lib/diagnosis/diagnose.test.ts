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
  ['rcpt', '554 5.7.1 Relay access denied', 'relayOrIp', 'user', 'the server does not relay for us'],
  ['rcpt', '451 4.7.1 Greylisted, come back in 5 minutes', 'temporary', 'later', 'greylisting passes'],
  ['reply', '550 5.4.5 Daily sending quota exceeded', 'rateLimit', 'later', 'a 550 that tomorrow lifts'],
  ['reply', '554 5.7.1 Message rejected as spam', 'content', 'never', 'the same bytes stay spam'],
  ['tls', 'self-signed certificate in certificate chain', 'certificate', 'user', 'nobody vouches for this server'],
  ['dns', 'getaddrinfo ENOTFOUND smtp.acme.test', 'dns', 'later', 'a name that is not found now'],
  ['connect', 'connect ECONNREFUSED 192.0.2.1:587', 'connection', 'later', 'nobody listens for the moment'],
] as const)('at %s, "%s" is %s and may be tried: %s', (phase, text, kind, retry, why) => {
  expect(diagnose(failureFromText(text, { phase })), why).toMatchObject({ kind, retry })
})

test.each(['550 5.7.1 Access denied', '550 no', '554 5.0.0 Error'])('what "%s" means is not claimed to be sure', text => {
  expect(diagnose(failureFromText(text)).isSure, 'the words fit many causes').toBe(false)
})

test('a size or a port beside the reply is not taken for its code', () => {
  expect(failureFromText('connect ETIMEDOUT 192.0.2.1:465').code).toBeNull()
  expect(failureFromText('host mx.acme.test[192.0.2.250] said: 550 5.1.1 unknown')).toMatchObject({ code: 550, enhancedStatus: '5.1.1' })
})
