import { once } from 'node:events'
import type { Socket } from 'node:net'
import { startScripted } from './smtp-server'

/** `data` is before the body is asked for, `body` when the first of it has come. */
export type Point = 'connect' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot'
export type Taken = { recipients: string[]; messageId: string }

/** What the server does when it has come to a point: answer as usual, answer so, hang up, or never say anything again. */
export type Act = 'go' | 'hang' | 'drop' | `${number} ${string}`

type Server = Awaited<ReturnType<typeof startScripted>> & { taken: Taken[] }

/** An SMTP server that asks at every point of a conversation what to do. `taken` are the messages it answered 250 for. */
export async function startStepServer(at: (point: Point, recipients: string[]) => Act | Promise<Act>): Promise<Server> {
  const taken: Taken[] = []
  const server = await startScripted(socket => {
    converse(socket, at, taken).catch(() => socket.destroy()) // a client that is killed in the middle is what this server is for
  })
  return Object.assign(server, { taken })
}

/** One that takes everything, and can keep its answers to the final dot to itself for a while. */
export async function startHoldingServer(): Promise<Server & { hold(): void; answer(): void; unanswered(): number }> {
  let [answers, answer, unanswered] = [Promise.resolve(), () => {}, 0]
  const server = await startStepServer(async (point): Promise<Act> => {
    if (point !== 'dot') return 'go'
    unanswered++
    await answers
    unanswered--
    return 'go'
  })
  return Object.assign(server, {
    hold() {
      answers = new Promise(resolve => {
        answer = resolve
      })
    },
    answer: () => answer(),
    unanswered: () => unanswered,
  })
}

async function converse(socket: Socket, at: (point: Point, recipients: string[]) => Act | Promise<Act>, taken: Taken[]): Promise<void> {
  let [recipients, body, isData]: [string[], string, boolean] = [[], '', false]
  let rest = ''
  const answer = async (point: Point, usual: string): Promise<boolean> => {
    const act = await at(point, recipients)
    if (act === 'drop') socket.destroy()
    else if (act !== 'hang') socket.write(`${act === 'go' ? usual : act}\r\n`)
    return act === 'go'
  }
  /** Hanging here is not reading on: the client cannot get rid of the rest. */
  const readsOn = async (): Promise<boolean> => {
    const act = await at('body', recipients)
    if (act === 'hang') await once(socket, 'close')
    else if (act !== 'go') socket.destroy()
    return act === 'go'
  }
  if (!(await answer('connect', '220 step by step'))) return
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    rest += chunk.toString('latin1')
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      const line = rest.slice(0, end)
      rest = rest.slice(end + 2)
      if (isData && body === '' && !(await readsOn())) return
      if (isData && line !== '.') body += `${line}\r\n`
      else if (isData) {
        isData = false
        if (await answer('dot', '250 2.0.0 taken')) taken.push({ recipients, messageId: /^Message-ID: <(.*)>/im.exec(body)?.[1] ?? '' })
      } else if (/^MAIL/i.test(line)) {
        ;[recipients, body] = [[], '']
        await answer('mail', '250 2.1.0 ok')
      } else if (/^RCPT/i.test(line)) {
        const address = /<(.*)>/.exec(line)?.[1] ?? ''
        if (await answer('rcpt', '250 2.1.5 ok')) recipients.push(address)
      } else if (/^DATA/i.test(line)) isData = await answer('data', '354 go')
      else socket.write(/^EHLO/i.test(line) ? '250-step by step\r\n250 PIPELINING\r\n' : '250 ok\r\n')
      if (socket.destroyed) return
    }
  }
}
