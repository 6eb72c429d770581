import { z } from 'zod'

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

const licence = 'This file is subject to the terms of the Mozilla Public License, v. 2.0: https://mozilla.org/MPL/2.0/'

/**
 * The shipped file out of an export of Mozilla's autoconfig database. One provider to a line, in the order of their ids, so that a change reads as one.
 * @throws ZodError for what is no such export
 */
export function readExport(exported: unknown): { text: string; providers: number; domains: number } {
  const { source, providers } = database.parse(exported)
  const lines = providers
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    .map(({ id, name, domains, outgoing }) => JSON.stringify({ id, name, domains, servers: outgoing }))
  const text = `{"source":${JSON.stringify(source)},\n"licence":${JSON.stringify(licence)},\n"providers":[\n${lines.join(',\n')}\n]}\n`
  return { text, providers: providers.length, domains: providers.flatMap(({ domains }) => domains).length }
}
