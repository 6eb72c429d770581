import type { Reply } from './conversation'
import { Deadline, lastAnswerMs, usualAnswerMs } from './deadline'
import { exchange, newProgress, type Progress } from './exchange'
import { errorCodeOf, type SmtpError, TransportFailure } from './failure'
import { judge } from './judge'
import { openSocket, serverAddressOf } from './open-socket'
import { parseReply, secretHider, visible } from './server-text'
import { SmtpSession } from './smtp-session'
import type { Ending, Submission, SubmissionServer, SubmitHooks, SubmitResult } from './submission'
import { Transcript } from './transcript'

const attemptMs = 60_000
const megabyteMs = 20_000

/**
 * Hands one message to one server by SMTP. Never throws for what mail does; the result says
 * where it ended, what the server said, and what that means for the message and each of its recipients.
 */
export async function submitOverSmtp(server: SubmissionServer, submission: Submission, hooks: SubmitHooks = {}): Promise<SubmitResult> {
  const startedAt = Date.now()
  const deadlineMs = hooks.deadlineMs ?? attemptMs + Math.ceil(submission.raw.length / 1_048_576) * megabyteMs
  const deadline = new Deadline(failure => attempt.stop(failure))
  let isDataEnding = false
  const dataEnding = () => {
    isDataEnding = true
    deadline.set(hooks.answerMs ?? usualAnswerMs)
  }
  const attempt = new Attempt(server, submission, hooks, { deadlineMs, dataEnding })
  deadline.set(deadlineMs)
  const onStop = () => {
    const stopped = new TransportFailure('stopped', 'The engine is stopping')
    if (isDataEnding) deadline.set(hooks.lastAnswerMs ?? lastAnswerMs, stopped)
    else attempt.stop(stopped)
  }
  hooks.signal?.addEventListener('abort', onStop, { once: true })
  if (hooks.signal?.aborted) onStop()
  try {
    await attempt.run()
  } finally {
    deadline.clear()
    hooks.signal?.removeEventListener('abort', onStop)
  }
  const { ending, serverAddress, tls, transcript } = attempt
  const { outcome, blame, pauseReason, recipients } = judge(ending)
  if (outcome !== 'accepted') transcript.fail({ errorCode: ending.errorCode ?? undefined })
  attempt.leave()
  const { phase, reply, errorCode, errorText, dataEnded } = ending
  const steps = hooks.isUnwatched ? [] : transcript.steps
  const durationMs = Date.now() - startedAt
  // named one by one: an object of two spreads is made key by key, which every message would pay for
  return { outcome, blame, pauseReason, phase, reply, errorCode, errorText, dataEnded, recipients, serverAddress, tls, durationMs, steps }
}

class Attempt {
  transcript: Transcript
  private session: SmtpSession | null = null
  private progress: Progress | null = null // null: no message was begun
  private failure: unknown = null
  private aborter: AbortController | null = null
  private stopped: Error | null = null

  constructor(
    private readonly server: SubmissionServer,
    private readonly submission: Submission,
    private readonly hooks: SubmitHooks,
    private readonly time: { deadlineMs: number; dataEnding: () => void },
  ) {
    this.transcript = new Transcript(secretHider(server.login), hooks.onStep)
  }

  /** A warm connection may have gone stale while nobody looked: as long as the server has asked for no data, a fresh one takes over. */
  async run(): Promise<void> {
    const warm = this.hooks.sessions?.take() ?? null
    if (warm) {
      await this.converse(warm)
      const wasStale = this.failure !== null ? errorCodeOf(this.failure) === 'connectionLost' : this.progress?.reply?.code === 421
      if (!wasStale || this.progress?.dataStarted || this.stopped) return
      warm.drop()
      this.session = null
      this.progress = null
      this.failure = null
    }
    await this.converse(null)
  }

  stop(error: Error): void {
    this.stopped ??= error
    this.aborter?.abort(error)
    this.session?.fail(error)
  }

  private async converse(warm: SmtpSession | null): Promise<void> {
    try {
      if (this.stopped) throw this.stopped
      this.session = warm ?? (await this.open())
      if (this.stopped) throw this.stopped
      this.session.messageCount++
      this.progress = newProgress()
      await exchange(this.session, this.submission, this.progress, {
        hide: text => this.transcript.hide(text),
        transcript: this.hooks.isUnwatched ? null : this.transcript,
        beforeDataEnd: this.hooks.beforeDataEnd,
        dataEnding: this.time.dataEnding,
      })
      const { phase, reply } = this.progress
      if (phase !== 'reply' || !reply || reply.code >= 300 || this.hooks.isUnwatched) return
      const queueId = queueIdOf(reply)
      this.transcript.end('reply', 'done', queueId ? { queueId } : {})
    } catch (error) {
      this.failure = error
    }
  }

  private async open(): Promise<SmtpSession> {
    this.aborter = new AbortController()
    const { signal } = this.aborter
    const { socket, address } = await openSocket(this.server, this.transcript, signal)
    const session = new SmtpSession(this.server, this.transcript, socket, this.time.deadlineMs, address)
    this.session = session
    await Promise.race([aborted(signal), session.greet().then(() => session.signIn())])
    session.takeOver()
    return session
  }

  get serverAddress(): string | null {
    return this.session && serverAddressOf(this.server, this.session.address)
  }

  get tls(): string | null {
    return this.session?.tls ?? null
  }

  get ending(): Ending {
    const { progress, failure, submission } = this
    const dataEnded = progress?.dataEnded ?? false
    const recipients = submission.recipients.map((address, position) => ({
      address,
      // with pipelining, recipients named behind a refused sender get an answer that means nothing
      reply: (progress && progress.phase !== 'mail' && progress.recipientReplies[position]) || null,
    }))
    if (failure === null && progress) return { phase: progress.phase, reply: progress.reply, errorCode: null, errorText: null, dataEnded, recipients }
    const { response, message } = failure as SmtpError
    const phase = progress?.phase ?? this.transcript.phase
    const reply = response ? parseReply(response, text => this.transcript.hide(text)) : null
    const errorCode = reply ? (phase === 'tls' && reply.code >= 500 ? 'starttlsNotOffered' : null) : errorCodeOf(failure)
    return { phase, reply, errorCode, errorText: reply ? null : visible(this.transcript.hide(message ?? String(failure)), 500), dataEnded, recipients }
  }

  /** After a clean end the connection is kept or said good-bye to; else it goes without a word. */
  leave(): void {
    const { session, failure, hooks } = this
    if (!session) return
    if (failure !== null) session.drop()
    else if (hooks.sessions) hooks.sessions.keep(session)
    else session.close()
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** The name under which the server keeps the message, where its reply tells in one of the usual ways. */
function queueIdOf(reply: Reply | null): string | null {
  const text = reply?.text ?? ''
  const found =
    /queued as ([\w.-]+)/i.exec(text) ?? /\bid[= ]<?([\w.@-]+)>?/i.exec(text) ?? /^(?:OK|Ok:?)\s+<?([\w.@-]{6,})>?/.exec(text) ?? /<([^<>\s]+)>/.exec(text)
  return found?.[1] ?? null
}
