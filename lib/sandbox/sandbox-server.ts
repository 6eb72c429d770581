import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server'
import type { Db } from '@/db/client'
import { type CapturedMessage, capturedMessages } from '@/db/schema'
import { now } from '@/lib/clock'
import { cutText } from '@/lib/cut-text'
import { newId } from '@/lib/id'
import { listenOn } from '@/lib/listen'
import { log } from '@/lib/log'
import { parseMime } from '@/lib/message/parse-mime'
import type { SubmissionServer } from '@/lib/transport/submission'

export const maxBytes = 50 * 1024 * 1024
const refusedPassword = 'wrong' // so that a newcomer can see a refused login

/** The sandbox's own SMTP server, which plays the platform relay: takes everything, keeps it, passes nothing on. */
export async function startSandboxServer(db: Db, { port }: { port: number }): Promise<{ port: number; relay: SubmissionServer; close: () => Promise<void> }> {
  const server = new SMTPServer({
    banner: 'Posthorn sandbox',
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    size: maxBytes,
    logger: false,
    onAuth({ username, password }, _session, callback) {
      if (password === refusedPassword) return callback(Object.assign(new Error('5.7.8 Username and password not accepted'), { responseCode: 535 }))
      callback(null, { user: username })
    },
    onData: (stream, session, callback) => takeMail(db, stream, session, callback),
  })
  server.on('error', error => log.debug({ event: 'sandboxServer', err: error }, 'a connection to the sandbox broke'))
  await listenOn({ setting: 'SANDBOX_SMTP_PORT', port, address: '127.0.0.1' }, address => {
    server.listen(port, address)
    return once(server.server, 'listening')
  })
  const bound = (server.server.address() as AddressInfo).port
  return {
    port: bound,
    relay: { host: '127.0.0.1', port: bound, tls: 'none', login: null, trust: 'platform' },
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

/** Keeps one message, whole. */
export const takeMail = (db: Db, ...[stream, session, callback]: Parameters<NonNullable<SMTPServerOptions['onData']>>): void => {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => {
    if (stream.sizeExceeded) return callback(Object.assign(new Error('5.3.4 Message too big'), { responseCode: 552 }))
    capture(db, session, Buffer.concat(chunks)).then(
      id => callback(null, `2.0.0 OK queued as ${id}`),
      error => {
        log.error({ event: 'capture', err: error }, 'the sandbox could not keep a message')
        callback(Object.assign(new Error('4.3.0 Try again later'), { responseCode: 451 }))
      },
    )
  })
}

async function capture(db: Db, { envelope: { mailFrom, rcptTo }, user }: SMTPServerSession, raw: Buffer): Promise<string> {
  const envelopeSender = mailFrom ? mailFrom.address : ''
  return keepMessage(db, { envelopeSender, envelopeRecipients: rcptTo.map(({ address }) => address), username: typeof user === 'string' ? user : null, raw })
}

/** One message of the sandbox, however it came. */
export async function keepMessage(
  db: Db,
  message: Pick<CapturedMessage, 'envelopeSender' | 'username' | 'raw'> & { envelopeRecipients: string[] },
): Promise<string> {
  const { subject } = await parseMime(message.raw)
  const id = newId()
  // encoded, it may hold what no line of a page does, nor any text in PostgreSQL: NUL
  const line = (subject ?? '').replace(/\p{Cc}/gu, ' ')
  await db.insert(capturedMessages).values({ id, receivedAt: now(), ...message, subject: cutText(line, 1000) })
  return id
}
