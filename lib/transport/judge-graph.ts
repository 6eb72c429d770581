import type { Phase } from '@/db/schema'
import type { Verdict } from './submission'

/** An answer of Microsoft Graph: HTTP's status, and the error of its JSON. */
export type GraphAnswer = { status: number; reason: string; code: string | null; message: string | null; retryAfterSeconds: number | null }

/** Our word for what Graph refused; the names of the texts in `microsoftReply`. */
const graphErrorCodes = [
  'graphTokenRefused',
  'graphConsentMissing',
  'graphNoMailbox',
  'graphSendAsDenied',
  'graphTooLarge',
  'graphBusy',
  'graphRefused',
] as const
export type GraphErrorCode = (typeof graphErrorCodes)[number]

export const isGraphError = (code: string | null): code is GraphErrorCode => graphErrorCodes.some(known => known === code)

type GraphVerdict = Omit<Verdict, 'recipients'> & { phase: Phase; errorCode: GraphErrorCode | null }

/**
 * What an answer means for the message, as `judge` says it of SMTP. A 202 is for the whole message: Graph takes every
 * recipient or none. Only a gateway that gave up waiting leaves it open whether the message was taken.
 *
 * Statuses are those of https://learn.microsoft.com/en-us/graph/errors and, for the 202, of
 * https://learn.microsoft.com/en-us/graph/api/user-sendmail. The codes of a mailbox are Exchange's (`ErrorSendAsDenied`,
 * `ErrorMessageSizeExceeded` …):
 * https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/responsecode.
 * `MailboxNotEnabledForRESTAPI` is a mailbox that is not in the cloud:
 * https://learn.microsoft.com/en-us/exchange/troubleshoot/user-and-shared-mailboxes/rest-api-is-not-yet-supported-for-this-mailbox-error.
 * `ErrorExceededMessageLimit`, a day's limit of Outlook.com, stands on no page of Microsoft's. Parts of codes are matched, since
 * they come in variants.
 */
export function judgeGraph({ status, code }: Pick<GraphAnswer, 'status' | 'code'>): GraphVerdict {
  const says = (pattern: RegExp) => pattern.test(code ?? '')
  if (status === 202 || status === 200) return { outcome: 'accepted', blame: 'nobody', pauseReason: null, phase: 'reply', errorCode: null }
  if (status === 504) return { outcome: 'unknown', blame: 'server', pauseReason: null, phase: 'reply', errorCode: 'graphBusy' }
  if (status >= 500 || status === 429 || status === 408 || says(/throttl|ErrorExceededMessageLimit|quota|ServerBusy|TooManyRequests/i)) return wait('graphBusy')
  if (status === 401) return pause('graphTokenRefused')
  if (says(/SendAs/i)) return refuse('graphSendAsDenied', 'mail')
  if (status === 413 || says(/SizeExceeded|RequestEntityTooLarge|ContentTooLarge/i)) return refuse('graphTooLarge', 'data')
  if (says(/AccessDenied|RequestDenied|Forbidden/i)) return pause('graphConsentMissing')
  if (status === 404 || says(/MailboxNotEnabled|MailboxNotFound|NonExistentMailbox|InvalidUser|ResourceNotFound/i)) return pause('graphNoMailbox')
  return status === 403 ? pause('graphConsentMissing') : refuse('graphRefused', 'reply')
}

const wait = (errorCode: GraphErrorCode): GraphVerdict => ({ outcome: 'waiting', blame: 'server', pauseReason: null, phase: 'reply', errorCode })
const pause = (errorCode: GraphErrorCode): GraphVerdict => ({ outcome: 'waiting', blame: 'account', pauseReason: 'loginRefused', phase: 'auth', errorCode })
const refuse = (errorCode: GraphErrorCode, phase: Phase): GraphVerdict => ({ outcome: 'refused', blame: 'message', pauseReason: null, phase, errorCode })
