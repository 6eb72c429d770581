import { forgetLookUps } from '@/lib/dns/look-up'
import { env } from '@/lib/env'
import { changed } from './changed'
import { type DnsTestServer, startDnsServer, type Zone } from './dns-server'

/** Lets this process ask the test's server only, until the end of the block. */
export async function useZone(zone: Zone): Promise<DnsTestServer> {
  const dns = await startDnsServer(zone)
  const [address = '', port] = dns.server.split(':')
  const servers = changed(env.dns, { servers: [{ address, port: Number(port) }] })
  forgetLookUps()
  const { close } = dns
  return Object.assign(dns, {
    [Symbol.asyncDispose]: async () => {
      servers[Symbol.dispose]()
      forgetLookUps()
      await close()
    },
  })
}
