import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server'
import { certificateFor } from './certificate'

export type Reply = { code: number; text: string }

export type Received = {
  envelopeSender: string
  envelopeRecipients: string[]
  username: string | null // null: nobody signed in
  isSecure: boolean
  /** Delivery reports asked for, where the server offers them. */
  dsn?: unknown
  raw: string
  mail: ParsedMail
}

type Behaviour = {
  /** `starttls` by default; `none` does not offer it. */
  tls?: 'none' | 'implicit' | 'starttls'
  /** Password by user name. With users a login is required, unless `requireAuth` is false. */
  users?: Record<string, string>
  requireAuth?: boolean
  authMethods?: string[]
  /** Judges each XOAUTH2 token, and then offers that mechanism alone. `challenge` refuses by a 334 first, as Gmail does. */
  checkToken?: (accessToken: string, username: string) => Promise<Reply | 'challenge' | null> | Reply | 'challenge' | null
  connectReply?: Reply
  authReply?: Reply
  mailReply?: Reply | ((address: string) => Reply | null)
  rcptReply?: Reply | ((address: string) => Reply | null)
  dataReply?: Reply | ((message: Received) => Reply | null)
  /** Names in the certificate; `localhost` by default, which is what clients connect to. */
  certificateNames?: string[]
  certificateIsExpired?: boolean
  certificateIsUntrusted?: boolean
  maxBytes?: number
  offersDsn?: boolean
  port?: number
}

export type Smarthost = AsyncDisposable & {
  host: 'localhost'
  port: number
  /** `localhost:port`, as a person types it. */
  server: string
  received: Received[]
  /** Every login tried, refused ones too. */
  logins: { username: string; password: string; accessToken?: string; method: string; isSecure: boolean }[]
  /** Connections made so far. */
  connections: number
  /** Connections that stand. */
  countOpen(): Promise<number>
  /** Changes how it answers from now on. */
  behave(change: Pick<Behaviour, 'authReply' | 'mailReply' | 'rcptReply' | 'dataReply' | 'users' | 'checkToken'>): void
  close(): Promise<void>
}

/** A real SMTP server on a free loopback port that keeps what it receives and answers as told. */
export async function startSmarthost(given: Behaviour = {}): Promise<Smarthost> {
  const behaviour = { ...given }
  const received: Received[] = []
  const logins: Smarthost['logins'] = []
  const needsLogin = behaviour.requireAuth ?? (behaviour.users ?? behaviour.checkToken) !== undefined
  const tls = behaviour.tls ?? 'starttls'

  const options: SMTPServerOptions = {
    ...(tls === 'none' ? {} : await certificate(behaviour)),
    secure: tls === 'implicit',
    hideSTARTTLS: tls !== 'starttls',
    hideENHANCEDSTATUSCODES: behaviour.checkToken !== undefined, // then the replies told are whole, as Microsoft words them
    authOptional: !needsLogin,
    allowInsecureAuth: tls === 'none',
    authMethods: behaviour.authMethods ?? (behaviour.checkToken ? ['XOAUTH2'] : ['PLAIN', 'LOGIN']),
    disableReverseLookup: true,
    hideDSN: !behaviour.offersDsn,
    logger: false,
    ...(behaviour.maxBytes ? { size: behaviour.maxBytes } : {}),
    onConnect(_session, callback) {
      smarthost.connections++
      callback(refusal(behaviour.connectReply))
    },
    onAuth(auth, session, callback) {
      const username = auth.username ?? ''
      logins.push({ username, password: auth.password ?? '', accessToken: auth.accessToken, method: auth.method, isSecure: session.secure })
      if (behaviour.checkToken && !behaviour.authReply) {
        Promise.resolve(behaviour.checkToken(auth.accessToken ?? '', username)).then(reply => {
          if (reply === 'challenge') callback(null, { data: { status: '401', schemes: 'bearer', scope: 'smtp' } } as never)
          else if (reply) callback(refusal(reply))
          else callback(null, { user: username })
        }, callback)
        return
      }
      const isRight = behaviour.users ? behaviour.users[username] === auth.password : true
      const reply = behaviour.authReply ?? (isRight ? undefined : { code: 535, text: '5.7.8 Username and Password not accepted' })
      if (reply) callback(refusal(reply))
      else callback(null, { user: username })
    },
    onMailFrom: ({ address }, _session, callback) => callback(refusal(answer(behaviour.mailReply, address))),
    onRcptTo: ({ address }, _session, callback) => callback(refusal(answer(behaviour.rcptReply, address))),
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const message = await readMessage(Buffer.concat(chunks), session)
        const reply = stream.sizeExceeded ? { code: 552, text: 'Message exceeds fixed maximum message size' } : answer(behaviour.dataReply, message)
        if (reply) return callback(refusal(reply))
        received.push(message)
        callback(null, `OK queued as ${received.length}`)
      })
    },
  }

  const server = new SMTPServer(options)
  server.on('error', () => undefined) // clients that hang up are part of the tests
  server.listen(behaviour.port ?? 0, 'localhost')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const smarthost: Smarthost = {
    host: 'localhost',
    port,
    server: `localhost:${port}`,
    received,
    logins,
    connections: 0,
    countOpen: () => promisify(server.server.getConnections.bind(server.server))(),
    behave: change => void Object.assign(behaviour, change),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const connection of server.connections) connection.close()
      }),
    [Symbol.asyncDispose]: () => smarthost.close(),
  }
  return smarthost
}

/** The bare end of a conversation: what the handler does with the socket is what the client meets. */
export async function startScripted(handler: (socket: Socket) => void): Promise<AsyncDisposable & { host: 'localhost'; port: number; server: string }> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    handler(socket)
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: 'localhost',
    port,
    server: `localhost:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

type Told = { offers?: string[]; heard?: string[] } // what it answers to EHLO, and what it has heard outside of the data

/** Takes a message up to the final dot; what it does `then` is the handler's. */
export const startUntilDot = (then: (socket: Socket) => void, { offers = [], heard = [] }: Told = {}) =>
  startScripted(socket => {
    let isData = false
    let body = ''
    socket.write('220 hi\r\n')
    socket.on('data', chunk => {
      const text = chunk.toString('latin1')
      if (isData) body += text
      if (isData) return void (body.endsWith('\r\n.\r\n') && then(socket))
      heard.push(chunk.toString().trim())
      if (/^EHLO/i.test(text)) return void socket.write([...offers.map(offer => `250-${offer}`), '250 hi', ''].join('\r\n'))
      isData = /^DATA/im.test(text)
      socket.write(isData ? '354 go\r\n' : '250 ok\r\n')
    })
  })

/** A handler that greets, then answers each line from the client with the next of these; after the last it hangs up. */
export function lines(greeting: string, ...replies: string[]): (socket: Socket) => void {
  return socket => {
    socket.write(`${greeting}\r\n`)
    let rest = ''
    socket.on('data', chunk => {
      rest += chunk.toString('latin1')
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        rest = rest.slice(end + 1)
        const reply = replies.shift()
        if (reply === undefined) return void socket.destroy()
        socket.write(`${reply}\r\n`)
      }
    })
  }
}

async function readMessage(raw: Buffer, session: SMTPServerSession): Promise<Received> {
  const { mailFrom, rcptTo } = session.envelope
  return {
    envelopeSender: mailFrom ? mailFrom.address : '',
    envelopeRecipients: rcptTo.map(recipient => recipient.address),
    username: typeof session.user === 'string' ? session.user : null,
    isSecure: session.secure,
    ...(session.envelope.dsn ? { dsn: { ...session.envelope.dsn, recipients: rcptTo.map(recipient => recipient.dsn) } } : {}),
    raw: raw.toString('utf8'),
    mail: await simpleParser(raw),
  }
}

function answer<Input>(reply: Reply | ((input: Input) => Reply | null) | undefined, input: Input): Reply | undefined {
  return (typeof reply === 'function' ? reply(input) : reply) ?? undefined
}

function refusal(reply: Reply | undefined): Error | null {
  return reply ? Object.assign(new Error(reply.text), { responseCode: reply.code }) : null
}

const certificate = ({ certificateNames = ['localhost'], certificateIsExpired, certificateIsUntrusted }: Behaviour) =>
  certificateFor(certificateNames, { isExpired: certificateIsExpired, isUntrusted: certificateIsUntrusted })
