import type { Phase } from '@/db/schema'

/** What a server said: RFC 5321 code, RFC 3463 enhanced status, text with control characters made visible. */
export type Reply = { code: number; enhancedStatus: string | null; text: string }

/** Stands where a secret was in a raw line. */
export const hiddenSecret = '[[secret]]'

export type ConversationLine = { who: 'client' | 'server' | 'note'; text: string }

export type Certificate = { subject: string; issuer: string; validFrom: string; validTo: string; fingerprint256: string } // instants as ISO 8601

/** What is known of one step; a page makes its one line of words from these. */
export type StepFacts = {
  host?: string
  addresses?: string[]
  address?: string
  port?: number
  family?: 4 | 6
  protocol?: string
  cipher?: string
  certificate?: Certificate
  serverName?: string
  features?: string[]
  maxBytes?: number
  mechanism?: string
  username?: string
  envelopeSender?: string
  recipient?: string
  sizeBytes?: number
  reply?: Reply
  queueId?: string
  errorCode?: string
}

/** One step of the conversation with a server, as the console shows it. A step is written when it begins and again when it ends. */
export type ConversationStep = {
  phase: Phase
  state: 'running' | 'done' | 'failed'
  startedAt: number // milliseconds since 1970
  durationMs: number | null // null while it runs
  facts: StepFacts
  lines: ConversationLine[]
}

/** The order of a whole conversation; an open connection has no `tls`, a server without login no `auth`. */
export const conversationPhases: readonly Phase[] = ['dns', 'connect', 'tls', 'ehlo', 'auth', 'mail', 'rcpt', 'data', 'reply']
