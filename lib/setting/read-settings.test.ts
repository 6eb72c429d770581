import { expect, test } from 'vitest'
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
