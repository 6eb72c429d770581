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

const message = (number: number) => ({
  from_user: given.users[number % given.users.length],
  to: [given.to],
  subject: `Invoice ${number}`,
  text,
  kind: given.kind ?? 'document',
})

function request(number: number): Buffer {
  const body = Buffer.from(
    JSON.stringify(given.batch > 1 ? { messages: Array.from({ length: given.batch }, (_, offset) => message(number + offset)) } : message(number)),
  )
  const head = `POST /api/v1/messages${given.batch > 1 ? '/batch' : ''} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${given.key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

let next = 0
let failed = 0
let firstFailure: string | undefined
const took: number[] = []

/** One connection: sends, waits for the whole answer, sends the next. */
const converse = () =>
  new Promise<void>((resolve, reject) => {
    const socket = connect(given.port, '127.0.0.1')
    let heard = ''
    let sentAt = 0
    const send = () => {
      if (next >= given.count) return void socket.end(resolve)
      const number = next
      next += given.batch
      sentAt = performance.now()
      socket.write(request(number))
    }
    socket.setNoDelay(true)
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('data', chunk => {
      heard += chunk.toString('latin1')
      const end = heard.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/content-length: (\d+)/i.exec(heard)?.[1] ?? 0)
      if (heard.length < end + 4 + length) return
      const status = Number(heard.slice(9, 12))
      if (status !== 202 && status !== 207 && status !== 200) {
        failed += given.batch
        firstFailure ??= heard.slice(0, 500)
      }
      took.push(performance.now() - sentAt)
      heard = ''
      send()
    })
  })

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
