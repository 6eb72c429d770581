import pg from 'pg'
import { expect, test } from 'vitest'
import { postgresToolEnvironment } from './postgres-tool-environment'

test.each([
  [
    'postgres://u:p%2Fss@db.example.test:5433/post%20horn',
    { PGHOST: 'db.example.test', PGPORT: '5433', PGUSER: 'u', PGPASSWORD: 'p/ss', PGDATABASE: 'post horn' },
  ],
  ['postgres://u@localhost/posthorn?host=127.0.0.1&port=25432', { PGHOST: '127.0.0.1', PGPORT: '25432', PGUSER: 'u', PGDATABASE: 'posthorn' }],
  ['postgres://u:p@%2Ftmp%2Fsockets/posthorn', { PGHOST: '/tmp/sockets', PGPORT: '5432' }],
  ['postgres://u:p@/posthorn?host=/tmp/sockets', { PGHOST: '/tmp/sockets', PGUSER: 'u', PGPASSWORD: 'p', PGDATABASE: 'posthorn' }],
  ['postgres://u:p@[::1]:25432/posthorn', { PGHOST: '::1', PGPORT: '25432' }],
  ['postgres:///posthorn?user=u&password=p', { PGHOST: 'localhost', PGUSER: 'u', PGPASSWORD: 'p' }],
  ['postgres://u@db.example.test', { PGDATABASE: 'u' }],
])('the tools of PostgreSQL go where web and engine go: %s', (url, expected) => {
  const told = postgresToolEnvironment(url)
  expect(told).toMatchObject({ ...expected, PGHOSTADDR: undefined, PGSERVICE: undefined })
  const { host, port, user, database } = new pg.Client({ connectionString: url })
  expect([told.PGHOST, told.PGPORT, told.PGUSER, told.PGDATABASE]).toEqual([host, String(port), user, database])
})

test.each([
  ['', {}],
  ['?sslmode=verify-full&sslnegotiation=direct', { PGSSLMODE: 'verify-full', PGSSLNEGOTIATION: 'direct' }],
  ['?sslnegotiation=direct', { PGSSLMODE: 'require', PGSSLNEGOTIATION: 'direct' }],
  ['?sslmode=no-verify', { PGSSLMODE: 'require' }],
  ['?ssl=true', { PGSSLMODE: 'require' }],
  ['?ssl=no-verify', { PGSSLMODE: 'require' }],
  [`?sslmode=verify-full&${files()}`, { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'package.json', PGSSLCERT: 'tsconfig.json', PGSSLKEY: 'README.md' }],
  [`?sslmode=no-verify&${files()}`, { PGSSLMODE: 'require', PGSSLCERT: 'tsconfig.json', PGSSLKEY: 'README.md' }],
])('and encrypt as they do: %s', (parameters, expected) => {
  const told = Object.entries(postgresToolEnvironment(`postgres://u:p@db.example.test/posthorn${parameters}`))
  expect(Object.fromEntries(told.filter(([name]) => name.startsWith('PGSSL')))).toEqual(expected)
})

/** Any files: node-postgres reads them, the tools are told their names. */
function files(): string {
  return 'sslrootcert=package.json&sslcert=tsconfig.json&sslkey=README.md'
}
