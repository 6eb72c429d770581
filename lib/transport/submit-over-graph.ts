import type { Socket } from 'node:net'
import { Deadline, lastAnswerMs, usualAnswerMs } from './deadline'
import { errorCodeOf, TransportFailure } from './failure'
import { composeForGraph } from './graph-message'
import { postToGraph } from './graph-request'
import { type GraphAnswer, judgeGraph } from './judge-graph'
import { openSocket, serverAddressOf } from './open-socket'
import { secretHider, visible } from './server-text'
import type { Submission, SubmissionServer, SubmitHooks, SubmitResult, TokenLogin } from './submission'
import { Transcript } from './transcript'

/**
 * The most that Graph takes in one request is 4 MB, and base64 makes four characters of three bytes. Its refusal says so ("The
 * maximum request length supported is 4MB"); Microsoft's page gives 3 MB for what is not uploaded in pieces
 * (https://learn.microsoft.com/en-us/graph/outlook-large-attachments).
 */
const graphMaxBytes = 3_000_000
const attemptMs = 60_000
const path = '/v1.0/me/sendMail'

type GraphServer = SubmissionServer & { graphUrl: string; login: TokenLogin }

type Attempt = {
  server: GraphServer
  hooks: SubmitHooks
  transcript: Transcript
  aborter: AbortController
  deadline: Deadline
  mark: Promise<void> | undefined // made once, whatever token the message goes with
  dataEnded: boolean
  serverAddress: string | null
}

/** How a conversation with Graph ended: with an answer, or with what broke it. */
type Ended = { answer: GraphAnswer; error?: never } | { answer: null; error: unknown }

/**
 * Hands one message to Microsoft Graph's `sendMail` as MIME. The result is as SMTP's, and nothing is thrown for what mail does. Graph
 * knows no envelope: the envelope sender is the mailbox's, and the message is taken for all its recipients or for none.
 */
export async function submitOverGraph(server: GraphServer, submission: Submission, hooks: SubmitHooks = {}): Promise<SubmitResult> {
  const startedAt = Date.now()
  const transcript = new Transcript(secretHider(server.login), hooks.onStep)
  const aborter = new AbortController()
  const deadline = new Deadline(failure => aborter.abort(failure))
  const attempt: Attempt = { server, hooks, transcript, aborter, deadline, mark: undefined, dataEnded: false, serverAddress: null }
  const raw = composeForGraph(submission.raw, submission.recipients)
  const judged = raw.length > graphMaxBytes ? tooLarge(transcript, raw.length) : judgedOf(attempt, await within(attempt, raw))
  return {
    ...judged,
    dataEnded: attempt.dataEnded,
    recipients: submission.recipients.map(address => ({ address, outcome: judged.outcome, reply: judged.reply })),
    serverAddress: attempt.serverAddress,
    tls: tlsOf(transcript),
    durationMs: Date.now() - startedAt,
    steps: hooks.isUnwatched ? [] : transcript.steps,
  }
}

/** What is known of all recipients together: Graph tells of no single one. */
type Judged = Omit<SubmitResult, 'dataEnded' | 'recipients' | 'serverAddress' | 'tls' | 'durationMs' | 'steps'>

function tooLarge(transcript: Transcript, sizeBytes: number): Judged {
  transcript.begin('data', { sizeBytes, maxBytes: graphMaxBytes })
  transcript.fail({ errorCode: 'graphTooLarge' })
  const errorText = `${sizeBytes} bytes; Microsoft Graph takes ${graphMaxBytes} at most`
  return { outcome: 'refused', blame: 'message', pauseReason: null, phase: 'data', reply: null, errorCode: 'graphTooLarge', errorText }
}

function judgedOf({ transcript, dataEnded }: Attempt, { answer, error }: Ended): Judged {
  if (!answer) return brokenOff(transcript, dataEnded, error)
  const { status, reason, retryAfterSeconds } = answer
  const verdict = judgeGraph(answer)
  if (verdict.outcome !== 'accepted') transcript.fail({ errorCode: verdict.errorCode ?? undefined })
  const reply = verdict.outcome === 'accepted' ? { code: status, enhancedStatus: null, text: reason } : null
  return { ...verdict, reply, errorText: reply ? null : visible(transcript.hide(lineOf(answer)), 500), retryAfterSeconds }
}

function brokenOff(transcript: Transcript, dataEnded: boolean, error: unknown): Judged {
  const errorCode = errorCodeOf(error)
  transcript.fail({ errorCode })
  const errorText = visible(transcript.hide(error instanceof Error ? error.message : String(error)), 500)
  const shared = { phase: transcript.phase, reply: null, errorCode, errorText }
  if (errorCode === 'consentNeeded') return { ...shared, outcome: 'waiting', blame: 'account', pauseReason: 'consentNeeded' }
  const outcome = dataEnded ? 'unknown' : 'waiting' // the answer was lost after all had been said
  return { ...shared, outcome, blame: 'server', pauseReason: null }
}

/** Until there is an answer, the time is up, or the engine stops. A refused token is followed by a renewed one, once. */
async function within(attempt: Attempt, raw: Buffer): Promise<Ended> {
  const { hooks, aborter, transcript, deadline } = attempt
  const deadlineMs = hooks.deadlineMs ?? attemptMs
  deadline.set(deadlineMs)
  const onStop = () => {
    const stopped = new TransportFailure('stopped', 'The engine is stopping')
    if (attempt.dataEnded) deadline.set(hooks.lastAnswerMs ?? lastAnswerMs, stopped)
    else aborter.abort(stopped)
  }
  hooks.signal?.addEventListener('abort', onStop, { once: true })
  if (hooks.signal?.aborted) onStop()
  try {
    const { login } = attempt.server
    const answer = await post(attempt, login, raw)
    if (answer.status !== 401) return { answer }
    attempt.dataEnded = false // a 401 says that nothing was taken
    deadline.set(deadlineMs)
    const renewed = await login.refused?.(null)
    if (!renewed) return { answer }
    transcript.keepSecret(renewed)
    transcript.end('reply', 'failed')
    return { answer: await post(attempt, renewed, raw) }
  } catch (error) {
    return { answer: null, error: aborter.signal.reason ?? error }
  } finally {
    deadline.clear()
    hooks.signal?.removeEventListener('abort', onStop)
  }
}

async function post(attempt: Attempt, login: TokenLogin, raw: Buffer): Promise<GraphAnswer> {
  const { transcript, aborter, server } = attempt
  const { socket, address } = await openSocket(server, transcript, aborter.signal)
  transcript.end('connect', 'done')
  attempt.serverAddress = serverAddressOf(server, address)
  const onAbort = () => void socket.destroy(aborter.signal.reason)
  aborter.signal.addEventListener('abort', onAbort, { once: true })
  try {
    transcript.begin('data', { username: login.username })
    transcript.say('data', `POST ${path}`)
    const answer = await sendBody(attempt, socket, login, raw)
    transcript.hear(lineOf(answer))
    if (answer.status === 202) transcript.end('reply', 'done', { reply: { code: 202, enhancedStatus: null, text: answer.reason } })
    return answer
  } finally {
    aborter.signal.removeEventListener('abort', onAbort)
    socket.destroy()
  }
}

function sendBody(attempt: Attempt, socket: Socket, { accessToken }: TokenLogin, raw: Buffer): Promise<GraphAnswer> {
  const { transcript, hooks, server, deadline } = attempt
  const { host, pathname } = new URL(server.graphUrl)
  return postToGraph(socket, {
    host,
    path: `${pathname.replace(/\/+$/, '')}${path}`,
    accessToken,
    body: raw.toString('base64'),
    beforeDataEnd: () => {
      attempt.mark ??= hooks.beforeDataEnd?.() ?? Promise.resolve()
      return attempt.mark
    },
    dataEnding: () => {
      attempt.dataEnded = true
      deadline.set(hooks.answerMs ?? usualAnswerMs)
      transcript.awaitFinalReply(raw.length)
    },
  })
}

const lineOf = ({ status, reason, code, message }: GraphAnswer) =>
  [`HTTP ${status} ${reason}`.trim(), [code, message].filter(Boolean).join(': ')].filter(Boolean).join('; ')

function tlsOf({ steps }: Transcript): string | null {
  const { protocol, cipher } = steps.findLast(({ phase }) => phase === 'tls')?.facts ?? {}
  return protocol ? [protocol, cipher].filter(Boolean).join(' ') : null
}
