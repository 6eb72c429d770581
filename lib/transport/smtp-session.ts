import type { Socket } from 'node:net'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Phase } from '@/db/schema'
import { env } from '@/lib/env'
import { certificateOf, distrustOf } from './certificate'
import type { StepFacts } from './conversation'
import { offeredText } from './ending-text'
import { type SmtpError, TransportFailure } from './failure'
import { tlsOptions } from './open-socket'
import { parseReply } from './server-text'
import type { Login, SubmissionServer } from './submission'
import type { Transcript } from './transcript'
import { Wire } from './wire'
import { signInByToken } from './xoauth2'

const greetingMs = 30_000 // a port that waits for TLS never greets
const passwordMechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5'] // in order of preference
const loginsMost = 4

/** One connection to a server: greeting, encryption and sign-in by nodemailer; then messages, one after the other, by `exchange`. */
export class SmtpSession {
  private readonly connection: SMTPConnection
  /** Rejects when the connection breaks before it is ready for mail, whoever waits for what. */
  private readonly broken: Promise<never>
  isSpent = false // good for no further message
  wantsReset = false // the last message was not accepted: the server still thinks of it
  messageCount = 0
  private ready: Wire | null = null
  private features: string[] = []
  private isEncrypted: boolean
  private isOver = false
  private breakOff: (failure: Error) => void = () => undefined
  private offered = new Set<string>()
  sizeLimit: number | undefined
  private encryption: StepFacts // what was seen while the connection stood

  constructor(
    private readonly server: SubmissionServer,
    private readonly transcript: Transcript,
    socket: Socket,
    deadlineMs: number,
    readonly address: string,
  ) {
    this.isEncrypted = server.tls === 'implicit'
    this.encryption = certificateOf(socket)
    this.connection = new SMTPConnection({
      connection: socket,
      secure: this.isEncrypted,
      secured: this.isEncrypted,
      requireTLS: server.tls === 'starttls',
      ignoreTLS: server.tls === 'none',
      host: server.host,
      port: server.port,
      tls: tlsOptions(server),
      name: env.platform.relay.host,
      connectionTimeout: deadlineMs,
      greetingTimeout: Math.min(greetingMs, deadlineMs),
      socketTimeout: deadlineMs,
      socketCloseTimeout: 1000,
      maxResponseSize: 64 * 1024,
      transactionLog: true,
      logger: this.listener(),
      customAuth: { XOAUTH2: signInByToken },
    })
    this.broken = new Promise((_, reject) => {
      this.breakOff = reject
      this.connection.on('error', reject)
      this.connection.once('end', () => reject(new TransportFailure('connectionLost', 'The server closed the connection')))
    })
    this.broken.catch(() => undefined)
  }

  /** From the greeting to the last EHLO. */
  async greet(): Promise<void> {
    if (this.isEncrypted) this.transcript.begin('ehlo')
    this.transcript.await(this.isEncrypted ? 'ehlo' : 'connect')
    await this.orBroken(done => this.connection.connect(error => done(error ?? null)))
    this.transcript.end('ehlo', 'done', { features: this.features.slice(0, 50), maxBytes: this.maxBytes })
  }

  /**
   * Signs in when a user name is set; a server that offers no way to do so gets neither the secret nor the mail. A refused
   * token may be followed by the next one that its login knows.
   */
  async signIn(): Promise<void> {
    const offered = this.features.filter(feature => /^AUTH[ =]/i.test(feature)).flatMap(feature => feature.toUpperCase().split(/[ =]+/).slice(1))
    let { login } = this.server
    for (let tries = 1; login; tries++) {
      const method = ('accessToken' in login ? ['XOAUTH2'] : passwordMechanisms).find(mechanism => offered.includes(mechanism))
      this.transcript.begin('auth', { username: login.username, mechanism: method })
      if (!method) throw new TransportFailure('authNotOffered', offeredText(offered))
      const refusal = await this.tryLogin(login, method)
      if (refusal === null) break
      login = tries < loginsMost ? await nextLogin(login, refusal) : null
      if (!login) throw refusal
      this.transcript.keepSecret(login)
      this.transcript.end('auth', 'failed')
    }
    this.transcript.end('auth', 'done')
    if (login && 'accessToken' in login) await login.accepted?.()
  }

  /** Null when the server took it; its refusal as an error. */
  private async tryLogin(login: Login, method: string): Promise<SmtpError | null> {
    const pass = 'accessToken' in login ? login.accessToken : login.password
    try {
      await this.orBroken(done => this.connection.login({ user: login.username, pass, method }, done))
      return null
    } catch (error) {
      if (!(error as SmtpError).response) throw error
      return error as SmtpError
    }
  }

  /** From here on the connection is ours, and may outlive the attempt that opened it. */
  takeOver(): void {
    const socket = this.connection._socket as Socket
    const { _remainder: rest, _responseQueue: queue } = this.connection as unknown as { _remainder?: string; _responseQueue?: unknown[] }
    if (rest || queue?.length) throw new TransportFailure('protocol', 'The server spoke out of turn')
    socket.removeAllListeners('data')
    socket.removeAllListeners('timeout')
    socket.setTimeout(0)
    this.isOver = true
    this.offered = new Set(this.features.map(feature => feature.toUpperCase().split(/[ =]/, 1)[0] ?? ''))
    this.sizeLimit = this.maxBytes
    this.ready = new Wire(socket)
    socket.resume()
  }

  get wire(): Wire {
    if (!this.ready) throw new Error('this session is not ready for mail')
    return this.ready
  }

  /** Whether another message may go this way: the connection stands and the server has said nothing by itself. */
  get isReusable(): boolean {
    return !this.isSpent && this.ready !== null && this.ready.isQuiet
  }

  offers(feature: string): boolean {
    return this.offered.has(feature)
  }

  /** Ends whatever waits on this connection with an error. */
  fail(error: Error): void {
    this.ready?.fail(error)
  }

  get maxBytes(): number | undefined {
    const size = this.features.map(feature => /^SIZE (\d+)/i.exec(feature)?.[1]).find(Boolean)
    return size ? Number(size) : undefined
  }

  /** What encrypts this connection, in one line for the attempt; null: nothing. */
  get tls(): string | null {
    const { protocol, cipher } = this.encryption
    return protocol ? `${protocol} ${cipher}` : null
  }

  /** Runs one of nodemailer's calls; a connection that breaks meanwhile ends it too. */
  private orBroken<T>(run: (done: (error: SmtpError | null, answer?: T) => void) => void): Promise<T | undefined> {
    const called = new Promise<T | undefined>((resolve, reject) => run((error, answer) => (error ? reject(error) : resolve(answer))))
    return Promise.race([called, this.broken])
  }

  /** Takes leave; whether the server answers is its own affair. */
  close(): void {
    const socket = this.connection._socket
    if (this.isSpent || !this.ready || !socket || socket.destroyed) {
      this.drop()
      return
    }
    this.isOver = true
    this.isSpent = true
    socket.end('QUIT\r\n')
    setTimeout(() => this.drop(), 1000).unref()
  }

  /** Ends it at once and without a word: the other side must not take what was sent for a whole message. */
  drop(): void {
    this.isOver = true
    this.isSpent = true
    if (this.connection._socket) this.connection._socket.destroy()
    this.connection.close()
  }

  /** nodemailer's log is where its lines become visible: commands with the secret already cut out, and replies. */
  private listener() {
    const listen = (entry: { tnx?: string }, text: string) => {
      if (this.isOver) return
      if (entry.tnx === 'client') this.said(text)
      else if (entry.tnx === 'server') this.heard(text)
      else if (/^Connection upgraded/.test(text)) this.encrypted()
    }
    return { level: () => undefined, trace: listen, debug: listen, info: listen, warn: listen, error: listen, fatal: listen }
  }

  private said(line: string): void {
    const phase = this.phaseOf(line)
    if (phase === null) return
    if (phase === 'tls') this.transcript.end('connect', 'done')
    this.transcript.say(phase, line, phase === 'tls' ? { serverName: this.server.host } : {})
  }

  private phaseOf(line: string): Phase | null {
    const verb = /^(EHLO|HELO|STARTTLS|AUTH|QUIT)/i.exec(line)?.[1]?.toUpperCase()
    if (this.transcript.isRunning('auth') && verb !== 'QUIT') return 'auth' // challenges and answers, whatever they look like
    if (verb === 'EHLO' || verb === 'HELO') return this.server.tls === 'starttls' && !this.isEncrypted ? 'tls' : 'ehlo'
    const phases: Record<string, Phase> = { STARTTLS: 'tls', AUTH: 'auth' }
    return phases[verb ?? ''] ?? null
  }

  private heard(raw: string): void {
    const { phase, reply } = this.transcript.hear(raw)
    if (phase === 'connect' && reply?.code === 220) this.transcript.end('connect', 'done')
    if (phase === 'ehlo' || phase === 'tls') this.readFeatures(raw)
  }

  private readFeatures(raw: string): void {
    const lines = raw.split(/\r?\n/)
    if (/^250/.test(raw)) this.features = lines.slice(1).map(line => line.slice(4).trim())
  }

  private encrypted(): void {
    const socket = this.connection._socket
    const distrust = socket ? distrustOf(socket, this.server.trustedFingerprint) : null
    if (distrust) return void this.breakOff(distrust) // long before the password
    this.isEncrypted = true
    this.features = [] // nothing that was heard in the open counts (RFC 3207)
    if (this.connection._socket) this.encryption = certificateOf(this.connection._socket)
    this.transcript.end('tls', 'done', this.encryption)
  }
}

/** After a final refusal of a token, and only then: a temporary one says nothing of it. */
async function nextLogin(login: Login, { response }: SmtpError): Promise<Login | null> {
  if (!('accessToken' in login) || !response?.startsWith('5')) return null
  return (await login.refused?.(parseReply(response, text => text))) ?? null
}
