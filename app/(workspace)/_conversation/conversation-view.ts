import type { ConversationStep } from '@/lib/transport/conversation'

/** A test as its page shows it; the steps by their position. */
export type ConversationView = {
  id: string
  cardCode: string
  startedAt: string // ISO 8601
  outcome: 'accepted' | 'waiting' | 'refused' | 'unknown' | null // null: it runs
  ended: boolean
  steps: ConversationStep[]
}

/** What the stream sends: a step that began or ended, or the end of it all. */
export type StreamedStep = { position: number; step: ConversationStep }
export type StreamedEnd = Pick<ConversationView, 'outcome'>
