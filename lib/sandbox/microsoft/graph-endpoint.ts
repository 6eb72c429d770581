import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Address } from 'postal-mime'
import { parseMime } from '@/lib/message/parse-mime'

/** What Graph's stand-in took: from whose mailbox, for whom, and the message without its Bcc. */
export type GraphMail = { mailbox: string; recipients: string[]; raw: Buffer }

type GraphEndpointOptions = {
  /** Whose token it is and for what; null when it is none. */
  whoHas: (accessToken: string) => Promise<{ address: string; scopes: string[] } | null>
  take: (mail: GraphMail) => Promise<void> | void
}

type GraphError = { status: number; code: string; message: string; headers?: Record<string, string> }

export const graphPath = '/v1.0/me/sendMail'
const maxRequestBytes = 4 * 1024 * 1024

/** Microsoft Graph's `sendMail` as far as mail is concerned: who may, how much, to whom; errors in Graph's shape. */
export async function answerGraph(request: IncomingMessage, response: ServerResponse, { whoHas, take }: GraphEndpointOptions): Promise<void> {
  const person = await whoHas(/^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '')
  const body = await readBody(request)
  const error = refusal(request, person, body)
  if (error || !person) return refuseGraph(response, error ?? unauthorised)
  const raw = Buffer.from(body.toString('latin1'), 'base64')
  const { to = [], cc = [], bcc = [] } = await parseMime(raw)
  const recipients = [...to, ...cc, ...bcc].flatMap(addresses)
  if (recipients.length === 0) return refuseGraph(response, { status: 400, code: 'ErrorInvalidRecipients', message: 'At least one recipient is not valid.' })
  await take({ mailbox: person.address, recipients, raw: withoutBcc(raw) })
  response.writeHead(202, { 'request-id': 'sandbox' }).end()
}

export function refuseGraph(response: ServerResponse, { status, code, message, headers = {} }: GraphError): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error: { code, message } }))
}

const unauthorised: GraphError = { status: 401, code: 'InvalidAuthenticationToken', message: 'Access token is empty, or has expired.' }

function refusal(request: IncomingMessage, person: { scopes: string[] } | null, body: Buffer): GraphError | null {
  if (request.method !== 'POST') return { status: 405, code: 'Request_BadRequest', message: 'The method is not allowed.' }
  if (!person) return unauthorised
  if (!person.scopes.some(scope => scope.endsWith('/Mail.Send')))
    return { status: 403, code: 'ErrorAccessDenied', message: 'Access is denied. Check credentials and try again.' }
  if (body.length > maxRequestBytes) return { status: 413, code: 'RequestEntityTooLarge', message: 'The request body is too large.' }
  if (request.headers['content-type'] !== 'text/plain') return { status: 415, code: 'UnsupportedMediaType', message: 'MIME content is text/plain.' }
  return /^[A-Za-z0-9+/\r\n]+={0,2}\s*$/.test(body.toString('latin1'))
    ? null
    : { status: 400, code: 'ErrorMimeContentInvalidBase64String', message: 'Invalid base64 string for MIME content.' }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const addresses = (entry: Address): string[] => (entry.group ?? [entry]).flatMap(({ address }) => (address ? [address] : []))

const withoutBcc = (raw: Buffer) => {
  const end = raw.indexOf('\r\n\r\n')
  if (end < 0) return raw
  const headers = raw.subarray(0, end + 2).toString('latin1')
  return Buffer.concat([Buffer.from(headers.replace(/^Bcc:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*/gim, ''), 'latin1'), raw.subarray(end + 2)])
}
