import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { answerGraph, type GraphMail, graphPath, refuseGraph } from '@/lib/sandbox/microsoft/graph-endpoint'
import { certificateFor } from './certificate'

type Refusal = { status: number; code?: string; message?: string; headers?: Record<string, string> }

export type Graph = AsyncDisposable & {
  host: 'localhost'
  port: number
  url: string
  received: GraphMail[]
  tokens: string[] // as they came, refused ones too
  /** What it answers from now on: an error, a broken connection, or (null) what Graph would. */
  behave(answer: Refusal | 'hangUp' | null): void
}

/** A real https server that takes mail as Microsoft Graph does. `tokens`: those that are good; all are when there is none. `thinksMs`: how long it looks at what it has got. */
export async function startGraph({
  tokens,
  scopes = ['https://graph.microsoft.com/Mail.Send'],
  thinksMs = 0,
}: {
  tokens?: string[]
  scopes?: string[]
  thinksMs?: number
} = {}): Promise<Graph> {
  const received: GraphMail[] = []
  const seen: string[] = []
  let behaviour: Refusal | 'hangUp' | null = null
  const server = createServer(await certificateFor(['localhost']), (request, response) => {
    if (request.url !== graphPath) return void response.writeHead(404).end()
    const take = async (mail: GraphMail) => {
      await wait(thinksMs)
      received.push(mail)
    }
    const answer = { whoHas, take }
    seen.push(request.headers.authorization?.replace(/^Bearer /, '') ?? '')
    const done = behaviour === null ? answerGraph(request, response, answer) : once(request.resume(), 'end').then(() => misbehave(response))
    done.catch(() => response.destroy()) // a client that breaks off is part of the tests
  })
  const whoHas = async (token: string) => (token && (tokens ?? [token]).includes(token) ? { address: 'anna@acme.test', scopes } : null)
  const misbehave = (response: ServerResponse) => {
    if (behaviour === 'hangUp' || behaviour === null) return void response.destroy()
    refuseGraph(response, { code: 'Error', message: 'no', ...behaviour })
  }
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: 'localhost',
    port,
    url: `https://localhost:${port}`,
    received,
    tokens: seen,
    behave: answer => {
      behaviour = answer
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
