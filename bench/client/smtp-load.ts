import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { instant, type LoadResult, options, rawLetter } from './letter'

/**
 * Our client of the SMTP door: sessions that sign in over TLS and then hand over one message after another, commands
 * pipelined and the next message's sent with the data of the one before (RFC 2920, 3.1). Without a user name it speaks
 * plain SMTP, for servers that want none.
 */
type Options = { port: number; user?: string; password?: string; from: string; to: string; count: number; sessions: number; bytes: number }
const given = options<Options>()
let next = 0
let failed = 0
let firstFailure: string | undefined

async function session(): Promise<() => Promise<void>> {
  const socket: Socket = given.user ? connectTls({ port: given.port, host: '127.0.0.1', rejectUnauthorized: false }) : connectPlain(given.port, '127.0.0.1')
  socket.setNoDelay(true)
  const ask = conversation(socket)
  await ask('', 1)
  await ask('EHLO bench.test\r\n', 1)
  if (given.user) await ask(`AUTH PLAIN ${Buffer.from(`\0${given.user}\0${given.password}`).toString('base64')}\r\n`, 1)
  const opening = `MAIL FROM:<${given.from}>\r\nRCPT TO:<${given.to}>\r\nDATA\r\n`
  return async () => {
    let isOpen = false
    while (next < given.count) {
      const letter = letterOf(next++)
      if (!isOpen) await ask(opening, 3)
      isOpen = next < given.count
      const replies = await ask(isOpen ? `${letter}${opening}` : letter, isOpen ? 4 : 1)
      if (replies[0]?.startsWith('250')) continue
      failed++
      firstFailure ??= replies.join(' | ')
    }
    socket.destroy() // by now another has taken the last, so one may be open
  }
}

/** Message data with its final dot. Made once but for its number: the client is to cost little. */
const [before, between, behind] = rawLetter({ ...given, number: '#' }).split('#') as [string, string, string]
const letterOf = (number: number) => `${before}${number}${between}${number}${behind}.\r\n`

/** Sends and waits for so many whole replies. */
function conversation(socket: Socket): (line: string, replies: number) => Promise<string[]> {
  let heard = ''
  let waiting: { replies: number; resolve: (lines: string[]) => void; reject: (error: Error) => void } | undefined
  const look = () => {
    if (!waiting) return
    const whole = heard
      .split('\r\n')
      .slice(0, -1)
      .filter(line => line[3] === ' ')
    if (whole.length < waiting.replies) return
    heard = ''
    const { resolve } = waiting
    waiting = undefined
    resolve(whole)
  }
  socket.on('data', chunk => {
    heard += chunk.toString('latin1')
    look()
  })
  socket.on('error', error => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error(`closed after: ${heard}`)))
  return (line, replies) =>
    new Promise((resolve, reject) => {
      waiting = { replies, resolve, reject }
      if (line) socket.write(line)
      look()
    })
}

const sessions = await Promise.all(Array.from({ length: given.sessions }, session))
const startedAt = instant()
const cpu = process.cpuUsage()
await Promise.all(sessions.map(run => run()))
const { user, system } = process.cpuUsage(cpu)
const result: LoadResult = { count: given.count - failed, failed, firstFailure, startedAt, ms: instant() - startedAt, cpuMs: (user + system) / 1000 }
console.log(JSON.stringify(result))
