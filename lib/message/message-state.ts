import type { Message, MessageState } from '@/db/schema'

/** Every state there is, for forms that run in a browser, where the schema cannot go. */
export const messageStates = [
  'queued',
  'sending',
  'accepted',
  'waiting',
  'refused',
  'unknown',
  'cancelled',
  'expired',
  'bounced',
] as const satisfies MessageState[]

/** Why a message waits or is unknown; sentences under `outbox.waitingFor.<code>`. */
export type WaitingFor = NonNullable<Message['waitingFor']>

/** What the engine takes up when it is due, and the recipients that it then hands a message over for. */
export const pendingStates = ['queued', 'waiting', 'unknown'] as const satisfies MessageState[]
export const isPending = (state: MessageState) => pendingStates.some(pending => pending === state)
export const retryableStates: Message['state'][] = ['waiting', 'refused', 'unknown', 'expired', 'cancelled']
export const cancellableStates: Message['state'][] = ['queued', 'waiting']

/** As it is seen: what is `sending` is nobody's to change. */
type Judged = Pick<Message, 'kind'> & { state: MessageState }

/** A test ran once, before somebody's eyes; it is done anew, never again. */
export const mayRetry = ({ state, kind }: Judged) => kind !== 'test' && retryableStates.some(retryable => retryable === state)

export const mayCancel = ({ state, kind }: Judged) => kind !== 'test' && cancellableStates.some(cancellable => cancellable === state)

/** Whether it went out nobody knows, and nobody has said that it is to stay at that. */
export const mayLeave = ({ state, endedAt }: Omit<Judged, 'kind'> & Pick<Message, 'endedAt'>) => state === 'unknown' && endedAt === null

/** Whether it stays where it is while its company's mail is held. A test does not, and what has ended has nowhere to go. */
export const staysWhileHeld = ({ state, kind, endedAt }: Judged & Pick<Message, 'endedAt'>) => kind !== 'test' && endedAt === null && isPending(state)

/** Whatever became of it: the same may be wanted elsewhere. */
export const mayResend = ({ kind }: Pick<Message, 'kind'>) => kind !== 'test'

/** Counts on a page end here; what is more is shown as `1000+`. */
export const mostCounted = 1000
