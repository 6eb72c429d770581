import { expect, test } from 'vitest'
import { writeNetwork } from '@/lib/network'
import { parseEnvironment } from './environment'
import { readSettings } from './read-settings'
import { WrongSettings } from './wrong-settings'

/** What is said of these variables before anything starts; empty when nothing is wrong with them. */
function complaint(variables: Record<string, string>): string {
  try {
    readSettings(variables)
    return ''
  } catch (error) {
    if (error instanceof WrongSettings) return error.message
    throw error
  }
}

test.each([
  ['RELAY_URL', 'smtps://user:Pa/ss1w@127.0.0.1:465'],
  ['RELAY_URL', 'smtps://user:12/Pa-ss1w@relay.example.test'],
  ['RELAY_URL', 'smtps://user:12#Pa-ss1w@relay.example.test'],
  ['RELAY_URL', 'smtps://user:12?Pa-ss1w@relay.example.test'],
  ['RELAY_URL', 'smtps://user:Pa%-ss1w@relay.example.test'],
  ['RELAY_URL', '"smtps://user:Pa-ss1w@relay.example.test"'],
  ['DATABASE_URL', 'postgres://u:Pa/ss1w@db.example.test/posthorn'],
  ['DATABASE_URL', 'postgres://u:12/Pa-ss1w@db.example.test/posthorn'],
  ['DATABASE_URL', 'postgres://u:12?Pa-ss1w@db.example.test/posthorn'],
  ['DATABASE_URL', 'postgresql://u:12#Pa-ss1w@db.example.test/posthorn'],
])('a password in %s that is not percent-encoded is said so in one line, and is not in it: %s', (variable, url) => {
  const said = complaint({ [variable]: url })
  expect(said).toMatch(new RegExp(`^${variable} (is not a URL|has a %)[^\n]*$`))
  expect(said).not.toMatch(/ss1w|user:/)
})

test.each([
  ['RELAY_URL', 'smtps://us%40er:Pa%2Fss@relay.example.test:465'],
  ['RELAY_URL', 'smtp://10.0.0.5:25/?tls=none'],
  ['DATABASE_URL', 'postgres://u:Pa%2Fss@db.example.test:5432/posthorn?sslmode=verify-full&answer_timeout=5000'],
  ['DATABASE_URL', 'postgres://u:pass@/posthorn?host=/var/run/postgresql'],
  ['DATABASE_URL', 'postgres://u@%2Fvar%2Frun%2Fpostgresql/posthorn'],
  ['DATABASE_URL', 'postgres://'],
])('%s may be %s', (variable, url) => {
  expect(complaint({ [variable]: url })).toBe('')
})

test.each([
  'mysql://root:Pa-ss1w@db.example.test/posthorn',
  'sqlite:posthorn.db',
  'file:./posthorn.db',
  'postgres:/u:Pa-ss1w@db.example.test/posthorn',
  'jdbc:postgresql://db.example.test/posthorn',
  '"postgres://u:Pa-ss1w@db.example.test/posthorn"',
  "'./posthorn.db'",
])('DATABASE_URL=%s does not begin an empty SQLite installation in a file of that name', url => {
  const said = complaint({ DATABASE_URL: url })
  expect(said).toMatch(/^DATABASE_URL [^\n]+$/)
  expect(said).not.toContain('ss1w')
})

test.each([
  ['Postgres://u:pass@db.example.test/posthorn', 'postgres'],
  ['POSTGRESQL://u:pass@db.example.test/posthorn', 'postgres'],
  ['postgres.db', 'sqlite'],
  ['/var/lib/posthorn/postgresql/a:b.db', 'sqlite'],
  ['C:/posthorn/posthorn.db', 'sqlite'],
  ['./data/posthorn.db', 'sqlite'],
])('DATABASE_URL=%s is of %s', (url, dialect) => {
  expect(readSettings({ DATABASE_URL: url }).database).toMatchObject({ dialect })
})

test.each([
  [{ PORT: 'abc' }, 'PORT must be a port, 0 to 65535'],
  [{ PORT: '99999' }, 'PORT must be a port, 0 to 65535'],
  [{ PORT: '30.5' }, 'PORT must be a port, 0 to 65535'],
  [{ API_PORT: '-1' }, 'API_PORT must be a port, 0 to 65535'],
  [{ M365_SMTP_PORT: '0' }, 'M365_SMTP_PORT must be a port, 1 to 65535'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent'],
  [{ TRUSTED_PROXY_HOPS: '-2' }, 'TRUSTED_PROXY_HOPS must be a whole number, 0 or more'],
  [{ API_REQUESTS_PER_MINUTE: 'many' }, 'API_REQUESTS_PER_MINUTE must be a whole number, 0 or more'],
  [{ M365_AUTHORITY: 'http://login.example.test' }, 'M365_AUTHORITY must be an https:// address'],
  [{ M365_CLIENT_SECRET_EXPIRES: '30.11.2027' }, 'M365_CLIENT_SECRET_EXPIRES must be a day such as 2027-11-30'],
  [{ DNS_SERVERS: 'x' }, 'DNS_SERVERS: "x" is not an address with a port, such as 192.0.2.53:53'],
  [{ DNS_SERVERS: '192.0.2.53:99999' }, 'DNS_SERVERS: "192.0.2.53:99999" is not an address with a port, such as 192.0.2.53:53'],
  [{ SMTP_EXTRA_PORTS: '99-1' }, 'SMTP_EXTRA_PORTS: "99-1" is neither a port nor a range'],
  [{ PLATFORM_FILE: '/nope' }, 'PLATFORM_FILE /nope does not exist'],
  [{ PLATFORM_FILE: './README.md' }, 'PLATFORM_FILE ./README.md is not JSON'],
  [{ PLATFORM_FILE: './lib' }, 'PLATFORM_FILE ./lib cannot be read: EISDIR'],
  [{ SMTP_EXTRA_PORTS: '25-30-40' }, 'SMTP_EXTRA_PORTS: "25-30-40" is neither a port nor a range'],
  [{ PLATFORM_FILE: './tsconfig.json' }, 'PLATFORM_FILE ./tsconfig.json: relay: '],
  [{ DATABASE_URL: 'postgres://u:Pa-ss1w@db.example.test/posthorn?sslrootcert=/nope' }, 'DATABASE_URL: sslrootcert names /nope, which does not exist'],
  [{ DATABASE_URL: 'postgres://u:Pa-ss1w@db.example.test/posthorn?sslmode=on' }, 'DATABASE_URL: sslmode must be one of disable, prefer, require,'],
  [{ DATABASE_URL: 'postgres://u:Pa-ss1w@db.example.test/posthorn?sslnegotiation=yes' }, 'DATABASE_URL: sslnegotiation must be postgres or direct'],
  [
    { DATABASE_URL: 'postgres://u:Pa-ss1w@db.example.test/posthorn?sslmode=disable&sslnegotiation=direct' },
    'DATABASE_URL: sslnegotiation=direct is for encrypted connections',
  ],
  [{ SUBMISSION_TLS_KEY_FILE: '/key.pem' }, 'Set both SUBMISSION_TLS_KEY_FILE and SUBMISSION_TLS_CERT_FILE, or neither'],
  [{ M365_CLIENT_SECRET: 'Pa-ss1w' }, 'M365_CLIENT_ID is missing: the secret or certificate belongs to an application'],
  [{ M365_CLIENT_ID: 'one' }, 'Set one of M365_CLIENT_SECRET and M365_CLIENT_CERTIFICATE'],
])('%j is answered with a sentence', (variables, sentence) => {
  const said = complaint(variables)
  expect(said).toContain(sentence)
  expect(said).not.toMatch(/ss1w|\{/)
})

test.each(['0x50', '8e1', '80.0', '8 0', '+80', '-1', '65536'])('PORT=%s is no port', port => {
  expect(complaint({ PORT: port })).toContain('must be a port, 0 to 65535')
})

test('a blank around a number, or the end of a line of Windows, is no part of it', () => {
  expect(parseEnvironment({ PORT: ' 3100\r', API_PORT: '' })).toMatchObject({ PORT: 3100, API_PORT: 3001 })
})

test('everything that is wrong is said at once, in a line for each setting', () => {
  const wrong = { PORT: 'abc', LOG_LEVEL: 'loud', DNS_SERVERS: 'x, y', RELAY_URL: 'smtp://user:Pa/ss1w@relay.example.test' }
  expect(
    complaint(wrong)
      .split('\n')
      .map(line => line.split(/:? /)[0]),
  ).toEqual(['PORT', 'RELAY_URL', 'DNS_SERVERS', 'DNS_SERVERS', 'LOG_LEVEL'])
})

test.each([
  '999',
  '10',
  '010.0.0.1',
  '10.1',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/0x8',
  'fd00::/129',
  'fe80::1%eth0',
  '::ffff:0:0/90',
  'intranet',
])('SMTP_ALLOW_CIDRS=%s opens no network by being read as another one', network => {
  expect(complaint({ SMTP_ALLOW_CIDRS: `192.168.0.0/16 ${network}` })).toBe(`SMTP_ALLOW_CIDRS: "${network}" is not a network such as 10.1.0.0/16`)
})

test('networks that users may have servers in are the ones that are written', () => {
  const { allowCidrs } = readSettings({ SMTP_ALLOW_CIDRS: '10.1.0.0/16, fd12::/16, 192.168.5.5 ::1 0.0.0.0/0' }).smtp
  expect(allowCidrs.map(writeNetwork)).toEqual(['10.1.0.0/16', 'fd12::/16', '192.168.5.5/32', '::1/128', '0.0.0.0/0'])
})

test.each([
  ['APP_URL', 'foo'],
  ['APP_URL', 'mail.example.test'],
  ['APP_URL', 'ftp://mail.example.test'],
  ['APP_URL', 'https://user:Pa-ss1w@mail.example.test'],
  ['APP_URL', 'https://mail.example.test/posthorn'],
  ['API_URL', 'foo'],
  ['API_URL', 'engine.example.test:3001'],
  ['API_URL', 'https://engine.example.test'],
  ['API_URL', 'http://engine.example.test:3001/api/v1'],
])('%s=%s is no address of ours', (variable, url) => {
  expect(complaint({ [variable]: url })).toMatch(new RegExp(`^${variable} must be [^\n]*$`))
  expect(complaint({ [variable]: url })).not.toContain('ss1w')
})

test('links are made with APP_URL, with or without a slash at its end', () => {
  for (const url of ['https://mail.example.test', 'https://mail.example.test/']) expect(readSettings({ APP_URL: url }).appUrl).toBe('https://mail.example.test')
  expect(readSettings({ API_URL: 'http://10.0.0.7:3001' }).apiUrl).toBe('http://10.0.0.7:3001')
})
