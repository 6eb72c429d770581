import { connect } from 'node:net'
import { bodyOf, instant, type LoadResult, options, percentile } from './letter'

/** Hands messages to the HTTP API over a few connections, each asking when the last was answered. Bare sockets: the client is to cost little. */
type Options = {
  port: number
  key: string
  users: string[]
  to: string
  count: number
  connections: number
  batch: number
  bytes: number
  kind?: string
  delayMs?: number
}
const given = options<Options>()
const text = bodyOf(given.bytes)

/** The JSON of a message but for its number, made once. */
const [opening, closing] = JSON.stringify({ to: [given.to], text, kind: given.kind ?? 'document', subject: 'Invoice #' }).split('#') as [string, string]
const path = `/api/v1/messages${given.batch > 1 ? '/batch' : ''}`
const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${given.key}\r\nContent-Type: application/json\r\nContent-Length: `

const message = (number: number) => `{"from_user":"${given.users[number % given.users.length]}",${opening.slice(1)}${number}${closing}`

function request(number: number): string {
  const messages = given.batch > 1 ? Array.from({ length: given.batch }, (_, offset) => message(number + offset)).join(',') : message(number)
  const body = given.batch > 1 ? `{"messages":[${messages}]}` : messages
  return `${head}${body.length}\r\n\r\n${body}`
}

let next = 0
let failed = 0
let firstFailure: string | undefined
const took: number[] = []

/** One connection: sends, waits for the whole answer, sends the next. */
const converse = () =>
  new Promise<void>((resolve, reject) => {
    let heard = ''
    let sentAt = 0
    const send = () => {
      if (next >= given.count) return void socket.end(resolve)
      const number = next
      next += given.batch
      sentAt = performance.now()
      socket.write(request(number), 'latin1')
    }
    const listen = (length: number, buffer: Uint8Array) => {
      heard += (buffer as Buffer).toString('latin1', 0, length)
      const end = heard.indexOf('\r\n\r\n')
      if (end < 0 || heard.length < end + 4 + announcedBy(heard)) return true
      if (!heard.startsWith('HTTP/1.1 202')) {
        failed += given.batch
        firstFailure ??= heard.slice(0, 500)
      }
      took.push(performance.now() - sentAt)
      heard = ''
      send()
      return true
    }
    const socket = connect({ port: given.port, host: '127.0.0.1', noDelay: true, onread: { buffer: Buffer.alloc(64 * 1024), callback: listen } })
    socket.on('connect', send)
    socket.on('error', reject)
  })

function announcedBy(answer: string): number {
  const at = answer.indexOf('content-length: ') + 'content-length: '.length
  return Number.parseInt(answer.slice(at, at + 8), 10)
}

const startedAt = instant()
const cpu = process.cpuUsage()
await Promise.all(Array.from({ length: given.connections }, converse))
const { user, system } = process.cpuUsage(cpu)
const sorted = took.toSorted((a, b) => a - b)
const result: LoadResult = {
  count: given.count - failed,
  failed,
  startedAt,
  firstFailure,
  ms: instant() - startedAt,
  cpuMs: (user + system) / 1000,
  p50Ms: percentile(sorted, 0.5),
  p99Ms: percentile(sorted, 0.99),
}
console.log(JSON.stringify(result))
