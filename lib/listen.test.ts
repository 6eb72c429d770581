import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { listenOn } from './listen'

const at = (address: string, port = 0) => ({ setting: 'PORT', port, address })

/** A kernel that was started without IPv6, as far as a server sees it. */
const withoutIpv6 = (address: string) =>
  address.includes(':') ? Promise.reject(Object.assign(new Error(`listen EAFNOSUPPORT ${address}`), { code: 'EAFNOSUPPORT' })) : listening(address)

async function listening(address: string): Promise<string> {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const { address: at } = server.address() as AddressInfo
  server.close()
  return at
}

test('where there is no IPv6, all addresses are those of IPv4, and one that was named is not there', async () => {
  expect(await listenOn(at('::'), withoutIpv6)).toBe('0.0.0.0')
  expect(await listenOn(at('127.0.0.1'), withoutIpv6)).toBe('127.0.0.1')
  await expect(listenOn(at('::1'), withoutIpv6)).rejects.toThrow('LISTEN_ADDRESS ::1 is not an address of this machine')
})

test('a port that another program has is its own, whatever the kernel speaks', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const take = async (address: string) => once(createServer().listen(port, address), 'listening')
  await expect(listenOn(at('127.0.0.1', port), take)).rejects.toThrow(`PORT ${port} is in use: stop what has it, or set PORT to another port`)
  other.close()
})
