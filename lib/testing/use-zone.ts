import { forgetLookUps } from '@/lib/dns/look-up'
import { env } from '@/lib/env'
import { type DnsTestServer, startDnsServer, type Zone } from './dns-server'

/** Lets this process ask the test's server only, until the end of the block. */
export async function useZone(zone: Zone): Promise<DnsTestServer> {
  const dns = await startDnsServer(zone)
  const before = env.dns.servers
  const [address = '', port] = dns.server.split(':')
  env.dns.servers = [{ address, port: Number(port) }]
  forgetLookUps()
  const { close } = dns
  return Object.assign(dns, {
    [Symbol.asyncDispose]: async () => {
      env.dns.servers = before
      forgetLookUps()
      await close()
    },
  })
}
