import { Readable } from 'node:stream'
import type { Phase } from '@/db/schema'
import type { Reply } from './conversation'
import { errorCodeOf, type SmtpError, TransportFailure } from './failure'
import { judge } from './judge'
import { openSocket } from './open-socket'
import { parseReply, secretHider, visible } from './server-text'
import { SmtpSession } from './smtp-session'
import type { Ending, Submission, SubmissionServer, SubmitHooks, SubmitResult } from './submission'
import { Transcript } from './transcript'

const attemptMs = 60_000
const megabyteMs = 20_000
const sliceBytes = 65_536

/**
 * Hands one message to one server: the only way mail leaves. Never throws for what mail does; the result says
 * where it ended, what the server said, and what that means for the message and each of its recipients.
 */
export async function submitOverSmtp(server: SubmissionServer, submission: Submission, hooks: SubmitHooks = {}): Promise<SubmitResult> {
  const startedAt = Date.now()
  const transcript = new Transcript(secretHider(server.login), hooks.onStep)
  const hide = (text: string) => transcript.hide(text)
  const deadlineMs = hooks.deadlineMs ?? attemptMs + Math.ceil(submission.raw.length / 1_048_576) * megabyteMs
  const aborter = new AbortController()
  const timer = setTimeout(() => aborter.abort(new TransportFailure('deadline', `No end in ${Math.round(deadlineMs / 1000)} s`)), deadlineMs)
  const onStop = () => aborter.abort(new TransportFailure('stopped', 'The engine is stopping'))
  hooks.signal?.addEventListener('abort', onStop, { once: true })

  let session: SmtpSession | undefined
  let serverAddress: string | null = null
  let dataEnded = false
  let failure: unknown = null
  try {
    const { socket, address } = await openSocket(server, transcript, aborter.signal)
    serverAddress = server.host === address ? address : `${server.host} ${address}`
    session = new SmtpSession(server, transcript, socket, deadlineMs)
    await Promise.race([aborted(aborter.signal), converse(session)])
  } catch (error) {
    failure = error
  } finally {
    clearTimeout(timer)
    hooks.signal?.removeEventListener('abort', onStop)
  }

  const ending = endingOf()
  const verdict = judge(ending)
  if (verdict.outcome === 'accepted') session?.close()
  else session?.drop()
  if (verdict.outcome !== 'accepted') transcript.fail({ errorCode: ending.errorCode ?? undefined })
  return { ...ending, ...verdict, serverAddress, tls: session?.tls ?? null, durationMs: Date.now() - startedAt, steps: transcript.steps }

  async function converse(session: SmtpSession): Promise<void> {
    await session.greet()
    await session.signIn()
    const body = Readable.from(bytes(), { objectMode: false }) // read once the server has taken DATA, not before
    await session.orBroken(done =>
      session.connection.send({ from: submission.envelopeSender, to: submission.recipients, size: submission.raw.length }, body, done),
    )
    if (!dataEnded) throw new TransportFailure('protocol', 'The server answered before the message ended')
    const queueId = queueIdOf(session.finalReply)
    transcript.end('reply', 'done', queueId ? { queueId } : {})
  }

  async function* bytes(): AsyncGenerator<Buffer> {
    for (let from = 0; from < submission.raw.length; from += sliceBytes) yield submission.raw.subarray(from, from + sliceBytes)
    await hooks.beforeDataEnd?.()
    if (aborter.signal.aborted) throw aborter.signal.reason
    dataEnded = true
    transcript.awaitFinalReply(submission.raw.length)
  }

  function endingOf(): Ending {
    const recipients = (wereAsked: boolean) =>
      submission.recipients.map((address, position) => ({ address, reply: (wereAsked && session?.recipientReplies[position]) || null }))
    if (failure === null)
      return { phase: 'reply', reply: session?.finalReply ?? null, errorCode: null, errorText: null, dataEnded, recipients: recipients(true) }
    const { response, message, command } = failure as SmtpError
    const reply = response ? parseReply(response, hide) : null
    const phase = (reply && phaseOfCommand(command, dataEnded || session?.finalReply != null)) ?? transcript.phase
    // with pipelining, recipients named behind a refused sender get an answer that means nothing
    const errorCode = reply ? (phase === 'tls' && reply.code >= 500 ? 'starttlsNotOffered' : null) : errorCodeOf(failure)
    return {
      phase,
      reply,
      errorCode,
      errorText: reply ? null : visible(hide(message ?? String(failure)), 500),
      dataEnded,
      recipients: recipients(phase !== 'mail'),
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** With pipelining a reply may be to an earlier command than the last one said: nodemailer names it. */
function phaseOfCommand(command: string | undefined, bodyWasSent: boolean): Phase | undefined {
  if (command === 'MAIL FROM') return 'mail'
  if (command === 'RCPT TO') return 'rcpt'
  if (command === 'DATA') return bodyWasSent ? 'reply' : 'data'
  return undefined
}

/** The name under which the server keeps the message, where its reply tells in one of the usual ways. */
function queueIdOf(reply: Reply | null): string | null {
  const text = reply?.text ?? ''
  const found =
    /queued as ([\w.-]+)/i.exec(text) ?? /\bid[= ]<?([\w.@-]+)>?/i.exec(text) ?? /^(?:OK|Ok:?)\s+<?([\w.@-]{6,})>?/.exec(text) ?? /<([^<>\s]+)>/.exec(text)
  return found?.[1] ?? null
}
