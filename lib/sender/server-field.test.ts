import { expect, test } from 'vitest'
import { formatServer, hostTyped, isGmailHost, isMicrosoftHost, parseServer, portForTls, stripAppPasswordBlanks, tlsForPort } from './server-field'

const ports = [25, 465, 587].map(port => ({ from: port, to: port }))
const live = { anywhere: ports, onLoopback: [] }
const sandbox = { anywhere: ports, onLoopback: [{ from: 1024, to: 65535 }] }

test.each([
  ['smtp.gmail.com:465', { host: 'smtp.gmail.com', port: 465 }],
  ['  SMTP.Gmail.com:465 ', { host: 'smtp.gmail.com', port: 465 }],
  ['poczta.żółw.pl:587', { host: 'poczta.xn--w-uga1v8h.pl', port: 587 }],
  ['192.0.2.10:25', { host: '192.0.2.10', port: 25 }],
  ['[2001:db8:0:0::1]:587', { host: '2001:db8::1', port: 587 }],
])('%s is a server', (text, server) => {
  expect(parseServer(text, live)).toEqual(server)
  expect(parseServer(formatServer(server), live), 'what is shown can be saved again').toEqual(server)
})

test.each([
  ['smtp.gmail.com', 'serverNoPort'],
  ['smtp.gmail.com:', 'serverNoPort'],
  ['smtp.gmail.com:port', 'serverPortInvalid'],
  ['smtp.gmail.com:1e3', 'serverPortInvalid'],
  ['smtp.gmail.com:65536', 'serverPortInvalid'],
  ['smtp.gmail.com:0', 'serverPortInvalid'],
  ['smtp.gmail.com:6379', 'serverPortNotAllowed'],
  ['smtp://smtp.gmail.com:465', 'serverHasScheme'],
  ['smtp.gmail.com 465', 'serverHasSpace'],
  ['anna@gmail.com', 'serverIsAddress'],
  ['2001:db8::1:587', 'serverNeedsBrackets'],
  ['smtp.gmail.com.:465', 'serverTrailingDot'],
  ['smtp..com:465', 'serverHostInvalid'],
  ['smtp.gmail.com\u200b:465', 'serverHostInvalid'],
  ['smtp.gmaıl\u00ad.com:465', 'serverHostInvalid'],
  ['１２７.0.0.1:25', 'serverHostInvalid'],
  ['0x7f.0.0.1:25', 'serverHostInvalid'],
  ['127.1:25', 'serverHostInvalid'],
  ['0177.0.0.1:25', 'serverHostInvalid'],
  ['2130706433:25', 'serverHostInvalid'],
  ['/var/run/docker.sock:25', 'serverHostInvalid'],
  ['*:25', 'serverHostInvalid'],
  [`${'a'.repeat(300)}.com:25`, 'serverHostInvalid'],
  ['localhost:2525', 'serverPortNotAllowed'],
])('%s is refused as %s', (text, problem) => {
  expect(parseServer(text, live)).toMatchObject({ problem })
})

test('a port that is not allowed comes with those that are', () => {
  expect(parseServer('smtp.acme.test:80', live)).toMatchObject({ values: { port: '80', ports: '25, 465, 587' } })
})

test('a sandbox takes any high port, on this machine only', () => {
  expect(parseServer('localhost:2525', sandbox)).toEqual({ host: 'localhost', port: 2525 })
  expect(parseServer('127.0.0.1:40000', sandbox)).toEqual({ host: '127.0.0.1', port: 40000 })
  expect(parseServer('smtp.acme.test:2525', sandbox)).toMatchObject({ problem: 'serverPortNotAllowed' })
})

test('ports and SSL/TLS propose each other', () => {
  expect([25, 465, 587].map(tlsForPort)).toEqual(['starttls', 'implicit', 'starttls'])
  expect((['none', 'implicit', 'starttls'] as const).map(portForTls)).toEqual([25, 465, 587])
})

test('a pasted Gmail app password loses its blanks, and no other password is altered', () => {
  const spaced = 'abcd efgh\u00a0ijkl mnop'
  expect(stripAppPasswordBlanks('smtp.gmail.com', spaced)).toEqual({ password: 'abcdefghijklmnop', removed: true })
  expect(stripAppPasswordBlanks('smtp.acme.test', spaced), 'another server may want them').toEqual({ password: spaced, removed: false })
  expect(stripAppPasswordBlanks('smtp.gmail.com', 'my own pass word'), 'no app password').toEqual({ password: 'my own pass word', removed: false })
  expect(stripAppPasswordBlanks('smtp.gmail.com', 'abcdefghijklmnop').removed).toBe(false)
})

test("Microsoft's and Gmail's hosts are known, and Microsoft's connectors want no login", () => {
  expect(['smtp.office365.com', 'SMTP-mail.outlook.com', 'smtp.office365.us'].every(isMicrosoftHost)).toBe(true)
  expect(['acme.mail.protection.outlook.com', 'smtp.office365.com.evil.test', 'smtp.gmail.com'].some(isMicrosoftHost)).toBe(false)
  expect(['smtp.gmail.com', ' SMTP.gmail.com:465', 'smtp.gmail.com:'].map(hostTyped).every(isGmailHost)).toBe(true)
  expect(['smtp.gmail.com.evil', 'smtp.gmail.com.evil:465', 'smtp.gmail.community:465', ''].map(hostTyped).some(isGmailHost)).toBe(false)
  expect(isGmailHost('smtp.gmail.com') && !isGmailHost('smtp.gmail.com.evil.test')).toBe(true)
})
