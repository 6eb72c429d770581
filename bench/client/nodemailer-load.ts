import { createTransport } from 'nodemailer'
import { bodyOf, instant, type LoadResult, options, rawLetter } from './letter'

/** nodemailer's own pool, nothing durable: message objects, or bytes composed beforehand. */
type Options = { port: number; count: number; connections: number; bytes: number; raw: boolean; warmUp?: number }
const given = options<Options>()
const [from, to] = ['anna@acme.test', 'customer@example.test']
const transport = createTransport({
  host: '127.0.0.1',
  port: given.port,
  pool: true,
  maxConnections: given.connections,
  maxMessages: Number.POSITIVE_INFINITY,
  ignoreTLS: true,
})
const text = bodyOf(given.bytes)
const letter = (number: number) =>
  given.raw
    ? { envelope: { from, to: [to] }, raw: Buffer.from(rawLetter({ from, to, bytes: given.bytes, number })) }
    : { from, to, subject: `Invoice ${number}`, text }

let failed = 0
let firstFailure: string | undefined
const send = async (count: number) => {
  let next = 0
  const one = async () => {
    while (next < count) await sendOne(next++)
  }
  await Promise.all(Array.from({ length: given.connections * 2 }, one))
}
const sendOne = async (number: number) => {
  await transport.sendMail(letter(number)).catch((error: Error) => {
    failed++
    firstFailure ??= error.message
  })
}
await send(given.warmUp ?? 0)
const startedAt = instant()
const cpu = process.cpuUsage()
await send(given.count)
const ms = instant() - startedAt
const { user, system } = process.cpuUsage(cpu)
transport.close()
const result: LoadResult = { count: given.count - failed, failed, firstFailure, startedAt, ms, cpuMs: (user + system) / 1000 }
console.log(JSON.stringify(result))
