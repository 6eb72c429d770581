import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { certificateFor } from './certificate'

type AutoconfigServer = AsyncDisposable & { port: number; asked: string[]; close(): Promise<void> }

type Page = { text: string } | { redirect: string } | { status: number }

/** A web server with a certificate for these names, on a free loopback port: `host/path` → what it serves there. */
export async function startAutoconfigServer(names: string[], pages: Record<string, Page>): Promise<AutoconfigServer> {
  const asked: string[] = []
  const server = https.createServer(await certificateFor(names), (request, response) => {
    const host = request.headers.host?.split(':')[0] ?? ''
    asked.push(`${host}${request.url}`)
    const page = pages[`${host}${request.url?.split('?')[0]}`] ?? { status: 404 }
    if ('redirect' in page) response.writeHead(302, { location: page.redirect }).end()
    else if ('status' in page) response.writeHead(page.status).end()
    else response.writeHead(200, { 'content-type': 'text/xml' }).end(page.text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { port: (server.address() as AddressInfo).port, asked, close, [Symbol.asyncDispose]: close }
}

type Outgoing = { host: string; port: number; socketType?: string; username?: string; auth?: string }

/** A settings file as mail programs read it. */
export const autoconfigXml = (servers: Outgoing[]) => `<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="x"><domain>x</domain><displayName>Acme &amp; Co</displayName>
<incomingServer type="imap"><hostname>imap.acme.test</hostname><port>993</port><socketType>SSL</socketType></incomingServer>
${servers
  .map(
    ({ host, port, socketType = 'SSL', username = '%EMAILADDRESS%', auth = 'password-cleartext' }) =>
      `<outgoingServer type="smtp"><hostname>${host}</hostname><port>${port}</port><socketType>${socketType}</socketType><username>${username}</username><authentication>${auth}</authentication></outgoingServer>`,
  )
  .join('\n')}
</emailProvider></clientConfig>`
