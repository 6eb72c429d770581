import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

type SilentProxy = { url: string; hush(): void; speak(): void } & AsyncDisposable

/** Stands before the server of a URL. Hushed, it drops what either side says, as a firewall does, and nobody is told; connections made so stay lost. It is hushed by itself when somebody says `hushAt`. */
export async function startSilentProxy(target: string, { hushAt }: { hushAt?: string } = {}): Promise<SilentProxy> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let isHushed = false
  const proxy = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
    let isLost = isHushed
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      from.on('error', () => undefined)
      from.on('data', chunk => {
        if (hushAt && chunk.includes(hushAt)) isHushed = true
        isLost ||= isHushed
        if (!isLost) to.write(chunk)
      })
      from.on('end', () => {
        isLost ||= isHushed
        if (!isLost) to.end()
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
