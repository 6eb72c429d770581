import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

/**
 * `npm run providers:update -- <file>`: makes `lib/discovery/providers/ispdb.json` again from an export of Mozilla's autoconfig
 * database (https://github.com/thunderbird/autoconfig, MPL-2.0): `{ source, providers: [{ id, name, domains, outgoing }] }`.
 * One provider to a line, so that a change reads as one. What is missing there is in `own.json`, kept by hand.
 */
const [file] = process.argv.slice(2)
if (!file) throw new Error('Say which file: npm run providers:update -- mail-providers.json')

const tls = { SSL: 'implicit', STARTTLS: 'starttls', plain: 'none' } as const
const outgoing = z
  .object({
    host: z.string(),
    port: z.number().int().min(1).max(65535),
    socketType: z.enum(['SSL', 'STARTTLS', 'plain']),
    username: z.string().nullable(),
    auth: z.array(z.string()),
  })
  .transform(({ host, port, socketType, username, auth }) => ({
    host,
    port,
    tls: tls[socketType],
    username: auth.includes('none') ? null : (username ?? '%EMAILADDRESS%'),
    auth,
  }))
const database = z.object({
  source: z.string().min(1),
  providers: z.array(z.object({ id: z.string(), name: z.string(), domains: z.array(z.string().toLowerCase()).min(1), outgoing: z.array(outgoing) })).min(1),
})

const { source, providers } = database.parse(JSON.parse(readFileSync(file, 'utf8')))
const lines = providers
  .toSorted((one, other) => (one.id < other.id ? -1 : 1))
  .map(({ id, name, domains, outgoing }) => JSON.stringify({ id, name, domains, servers: outgoing }))
const licence = 'This file is subject to the terms of the Mozilla Public License, v. 2.0: https://mozilla.org/MPL/2.0/'
const target = 'lib/discovery/providers/ispdb.json'
writeFileSync(target, `{"source":${JSON.stringify(source)},\n"licence":${JSON.stringify(licence)},\n"providers":[\n${lines.join(',\n')}\n]}\n`)
console.log(`${target}: ${providers.length} providers, ${providers.flatMap(({ domains }) => domains).length} domains`)
