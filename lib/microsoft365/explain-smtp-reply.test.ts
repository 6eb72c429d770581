import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseReply } from '@/lib/transport/server-text'
import { commandsFor, explainMicrosoftReply } from './explain-smtp-reply'
import { quoted } from './powershell'

const host = 'smtp.office365.com'
const username = 'anna@acme.test'
const explain = (raw: string, { mechanism = 'LOGIN', phase = 'auth' as const, at = host } = {}) => {
  const reply = parseReply(raw, text => text)
  if (!reply) throw new Error(`${raw} is no reply`)
  return explainMicrosoftReply({ host: at, phase, reply, mechanism })
}
const commands = (raw: string) => {
  const explained = explain(raw)
  return explained && commandsFor(explained.kind, username, explained.asAddress)
}

test.each([
  ['535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.', 'smtpOffOrganisation', 'admin'],
  ['535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.', 'smtpOffMailbox', 'admin'],
  ["535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy.", 'securityDefaults', 'admin'],
  ['535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated.', 'accessPolicy', 'admin'],
  ['535 5.7.139 Authentication unsuccessful, basic authentication is disabled.', 'passwordsOff', 'user'],
  ['535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.', 'passwordRefused', 'user'],
  ['550 5.7.30 Basic authentication is not supported for Client Submission.', 'passwordsOff', 'user'],
  ['554 5.2.252 SendAsDenied; anna@acme.test not allowed to send as office@acme.test', 'sendAsDenied', 'admin'],
  ['550 5.7.60 SMTP; Client does not have permissions to send as this sender', 'sendAsDenied', 'admin'],
  ['432 4.3.2 Concurrent connections limit exceeded.', 'tooManyAtOnce', 'time'],
  ['530 5.7.57 Client not authenticated to send mail.', 'notSignedIn', 'user'],
  ['535 5.7.3 Authentication unsuccessful [GV0EXAMPLE]', 'passwordRefused', 'user'],
] as const)('"%s" is %s, mended by: %s', (raw, kind, fixedBy) => {
  expect(explain(raw)).toMatchObject({ kind, fixedBy })
})

test('where SMTP is off the real mailbox stands in the line to paste', () => {
  expect(commands('535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.')).toEqual([
    "Set-CASMailbox -Identity 'anna@acme.test' -SmtpClientAuthenticationDisabled $false",
  ])
  expect(commandsFor('smtpOffMailbox', '', null), 'no line with a hole in it').toEqual([])
})

test('who may not send as another is given the right by name', () => {
  expect(commands('554 5.2.252 SendAsDenied; anna@acme.test not allowed to send as office@acme.test; STOREDRV.Submission')).toEqual([
    "Add-RecipientPermission -Identity 'office@acme.test' -Trustee 'anna@acme.test' -AccessRights SendAs -Confirm:$false",
  ])
  expect(commands('554 5.2.252 SendAsDenied'), 'no line with a hole in it').toEqual([])
})

test.each([
  ["o'brien@acme.test", "'o''brien@acme.test'"],
  ['a\u2019; Remove-Mailbox x', "'a\u2019\u2019; Remove-Mailbox x'"],
  ['$(whoami)`n', "'$(whoami)`n'"],
  ['a\r\nRemove-Mailbox', "'aRemove-Mailbox'"],
])('the mailbox %j is one argument of PowerShell, never code', (mailbox, argument) => {
  expect(quoted(mailbox)).toBe(argument)
})

test('a refused token is not called a wrong password', () => {
  expect(explain('535 5.7.3 Authentication unsuccessful', { mechanism: 'XOAUTH2', at: 'localhost' })).toMatchObject({ kind: 'tokenRefused' })
})

test.each([
  '535 5.7.3 Authentication unsuccessful',
  '535 5.7.8 Username and Password not accepted',
  '530 5.7.57 Client was not authenticated',
  '421 4.3.2 shutting down',
])('"%s" of any other server is not explained as Microsoft', raw => {
  expect(explain(raw, { at: 'smtp.acme.test' })).toBeNull()
})

test.each(['pl', 'en', 'et'])('each of them has its words in %s', language => {
  const texts = JSON.parse(readFileSync(`app/_i18n/messages/${language}/microsoftReply.json`, 'utf8'))
  const graph = ['graphTokenRefused', 'graphConsentMissing', 'graphNoMailbox', 'graphSendAsDenied', 'graphTooLarge', 'graphBusy', 'graphRefused']
  const kinds = ['smtpOffOrganisation', 'smtpOffMailbox', 'securityDefaults', 'accessPolicy', 'passwordsOff', 'passwordRefused', 'tokenRefused', 'sendAsDenied']
  for (const kind of [...graph, ...kinds, 'tooManyAtOnce', 'notSignedIn'])
    expect(texts[kind], kind).toMatchObject({ title: expect.any(String), meaning: expect.any(String), step1: expect.any(String) })
})
