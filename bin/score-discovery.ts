import { discover } from '@/lib/discovery/discover'
import { env } from '@/lib/env'
import { requireCorpus } from '@/lib/testing/read-corpus'

/**
 * `npm run score:discovery`: how many mail domains get settings that are right for them, without the network: name servers
 * that do not exist are asked, so only shipped data can answer. Where no single server is right, asking is right. Fails below the floor.
 */
const floor = 95 // percent of the domains

env.dns.servers = [{ address: '127.0.0.1', port: 9 }]

type Row = { domain: string; accepted: { host: string; port: number; socketType: 'SSL' | 'STARTTLS' | 'plain'; username: string }[] }
const tlsOf = { SSL: 'implicit', STARTTLS: 'starttls', plain: 'none' }
const rows = requireCorpus<Row>('autoconfig/expected-settings.public.jsonl')

let [right, asked, invented] = [0, 0, 0]
for (const { domain, accepted } of rows) {
  const { server, question } = await discover(`anna@${domain}`, { mode: 'live' })
  const fits = accepted.some(({ host, port, socketType, username }) => {
    const wanted = {
      host: host.replace('%EMAILDOMAIN%', domain),
      port,
      tls: tlsOf[socketType],
      username: username === 'local part' ? 'anna' : `anna@${domain}`,
    }
    return server !== null && Object.entries(wanted).every(([key, value]) => server[key as keyof typeof server] === value)
  })
  const isRight = accepted.length === 0 ? server === null : fits
  if (isRight) right++
  else if (server) invented++
  if (question) asked++
  if (!isRight && process.argv.includes('--fail')) console.log(domain, JSON.stringify(accepted), '≠', JSON.stringify(server), question)
}
console.log(`${rows.length} domains, right ${((100 * right) / rows.length).toFixed(1)} %, asked ${asked}, wrong server given ${invented}`)
if ((100 * right) / rows.length < floor) {
  console.error(`below the floor of ${floor} %`)
  process.exitCode = 1
}
