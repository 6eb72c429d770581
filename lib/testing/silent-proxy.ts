import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

type SilentProxy = { url: string; hush(): void; speak(): void } & AsyncDisposable

/** Stands before the server of a URL. Hushed, it drops what either side says, as a firewall does, and nobody is told; connections made so stay lost. */
export async function startSilentProxy(target: string): Promise<SilentProxy> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let isHushed = false
  const proxy = createServer(near => {
    const far = connect(Number(port), hostname)
    let isLost = isHushed
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      from.on('error', () => undefined)
      from.on('data', chunk => {
        isLost ||= isHushed
        if (!isLost) to.write(chunk)
      })
      from.on('close', () => {
        open.delete(from)
        if (!isLost) to.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = new URL(target)
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  return {
    url: url.href,
    hush() {
      isHushed = true
    },
    speak() {
      isHushed = false
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      proxy.close()
    },
  }
}
