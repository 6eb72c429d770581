import type { Phase } from '@/db/schema'
import type { Mode } from '@/lib/installation/mode'
import type { Server } from '@/lib/sender/route'
import type { ConversationStep, Reply } from './conversation'
import type { DsnRequest } from './dsn'
import type { PooledSessions } from './session-pool'
import type { StepListener } from './transcript'

type PasswordLogin = { username: string; password: string }

/**
 * A sign-in with an OAuth access token (SASL XOAUTH2). `refused` may give the login to try next on the same connection: a
 * renewed token, or another name for the same mailbox; null when there is none. It throws a TransportFailure where none can be had. `accepted` hears which name the server took.
 */
export type TokenLogin = {
  username: string
  accessToken: string
  refused?: (reply: Reply | null) => Promise<TokenLogin | null>
  accepted?: () => Promise<void>
}

export type Login = PasswordLogin | TokenLogin

/** A server and how to sign in there. `trust`: a host that a person typed goes through the guard of this mode, the platform's own relay does not. */
export type SubmissionServer = Server & {
  login: Login | null
  trust: Mode | 'platform'
  trustedFingerprint?: string | null // SHA-256 of the one certificate an admin trusts here although nobody vouches for it
  graphUrl?: string // mail leaves over Microsoft Graph at this address, and not by SMTP
}

/** What is handed over: the envelope and the very bytes. */
export type Submission = { envelopeSender: string; recipients: string[]; raw: Buffer; dsn?: DsnRequest | null }

export type SubmitHooks = {
  onStep?: StepListener
  /** Called when the whole body has gone out and before the final dot; a rejection stops the submission there. */
  beforeDataEnd?: () => Promise<void>
  /** The engine stops: what has not come to the final dot ends there; what has gets a last while for its answer, for to hang up makes copies. */
  signal?: AbortSignal
  /** How long until all has been said, and how long from then until the answer. */
  deadlineMs?: number
  answerMs?: number
  lastAnswerMs?: number // from the signal on
  /** Warm connections to take from and give back to; without it a connection is opened for this one message. */
  sessions?: PooledSessions
  /** Writes no steps down: for mail whose conversation nobody looks at. */
  isUnwatched?: boolean
}

/** How a submission came to its end, before anybody judges it. */
export type Ending = {
  phase: Phase
  reply: Reply | null // null: the network, not the server, ended it
  errorCode: string | null // null when the reply says it all
  errorText: string | null
  dataEnded: boolean
  recipients: { address: string; reply: Reply | null }[] // reply null: never asked about
}

export type Outcome = 'accepted' | 'waiting' | 'refused' | 'unknown'

/** Whose fault it is. `server`: nothing more can leave through this account now; `account`: somebody has to mend it. */
type Blame = 'nobody' | 'recipient' | 'message' | 'server' | 'account'

export type Verdict = {
  outcome: Outcome
  blame: Blame
  pauseReason: 'loginRefused' | 'tlsFailed' | 'consentNeeded' | null
  recipients: { address: string; outcome: Outcome; reply: Reply | null }[]
}

export type SubmitResult = Verdict &
  Omit<Ending, 'recipients' | 'phase'> & {
    phase: Phase | null // null: it came to no conversation
    serverAddress: string | null // host and address that were connected to
    tls: string | null // protocol and cipher; null: an open connection
    durationMs: number
    retryAfterSeconds?: number | null // the server named the time itself
    steps: ConversationStep[]
  }
