import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readExport } from './read-export'

const server = { host: 'smtp.acme.test', port: 465, socketType: 'SSL', username: '%EMAILLOCALPART%', auth: ['password-cleartext'] }
const exported = {
  source: 'Mozilla',
  providers: [
    { id: 'b.test', name: 'B', domains: ['B.test'], outgoing: [{ ...server, socketType: 'STARTTLS', port: 587, username: null }] },
    { id: 'a.test', name: 'A', domains: ['a.test', 'a2.test'], outgoing: [server, { ...server, port: 25, socketType: 'plain', auth: ['none'] }] },
  ],
}

test('an export of the database becomes the shipped file, one provider to a line', () => {
  const { text, ...counts } = readExport(exported)
  expect(counts).toEqual({ providers: 2, domains: 3 })
  expect(
    text
      .split('\n')
      .slice(3, 5)
      .map(line => line.slice(0, 14)),
    'by their ids',
  ).toEqual(['{"id":"a.test"', '{"id":"b.test"'])
  const [a, b] = JSON.parse(text).providers
  expect(a).toMatchObject({
    servers: [
      { port: 465, tls: 'implicit', username: '%EMAILLOCALPART%' },
      { port: 25, tls: 'none', username: null },
    ],
  })
  expect(b, 'domains in lower case; where nothing is said, the address signs in').toMatchObject({
    domains: ['b.test'],
    servers: [{ tls: 'starttls', username: '%EMAILADDRESS%' }],
  })
})

test('what is no export is refused whole', () => {
  expect(() => readExport({ ...exported, providers: [] })).toThrow()
  expect(() => readExport({ ...exported, providers: [{ ...exported.providers[0], outgoing: [{ ...server, port: 0 }] }] })).toThrow()
})

test('the shipped file is as the command wrote it, licence and all', () => {
  const text = readFileSync('lib/discovery/providers/ispdb.json', 'utf8')
  const { source, providers } = JSON.parse(text)
  const tls = { implicit: 'SSL', starttls: 'STARTTLS', none: 'plain' } as Record<string, string>
  const again = providers.map(({ servers, ...provider }: { servers: { tls: string }[] }) => ({
    ...provider,
    outgoing: servers.map(({ tls: how, ...server }) => ({ ...server, socketType: tls[how] })),
  }))
  expect(readExport({ source, providers: again }).text).toBe(text)
})
