import type { z } from 'zod'
import { Refusal } from '@/lib/errors'

/** The status that goes with a refusal; what is not named is a value that cannot be used: 422. */
const statuses: Record<string, number> = {
  jsonInvalid: 400,
  utf8Invalid: 400,
  idempotencyKeyInvalid: 400,
  requestMalformed: 400,
  keyMissing: 401,
  keyInvalid: 401,
  keyAddressNotAllowed: 403,
  keyReadOnly: 403,
  keyNotForCard: 403,
  notFound: 404,
  messageNotFound: 404,
  cardNotFound: 404, // in an address; in a body it is a value that cannot be used
  methodNotAllowed: 405,
  requestTooSlow: 408,
  idempotencyKeyReused: 409,
  alreadyCancelled: 409,
  cannotCancel: 409,
  cannotRetry: 409,
  waitsForSendAt: 409,
  accountPausedMendFirst: 409,
  textRemoved: 409,
  bodyTooLarge: 413,
  messageTooLarge: 413,
  tooManyValues: 413,
  notJson: 415,
  tooManyRequests: 429,
  tooMuchAtOnce: 429,
  headTooLarge: 431,
  internal: 500,
  unavailable: 503,
  engineAway: 503, // web says it in place of an engine that does not answer
}

/** Those with a status of their own, as the page of the API lists them. */
export const apiErrors = Object.entries(statuses).map(([code, status]) => ({ code, status }))

/** What may be wrong with a value: all of them 422. */
export const valueErrors = [
  ...['required', 'typeWrong', 'fieldUnknown', 'choiceUnknown', 'tooLong', 'lineUnsafe', 'textUnsafe'],
  ...['codeInvalid', 'cardInactive', 'noEmail'],
  ...['addressInvalid', 'addressNeedsAscii', 'recipientNeeded', 'tooManyRecipients'],
  ...['headerNotAllowed', 'headerNeedsAscii', 'headerTwice', 'messageIdsInvalid', 'tooManyHeaders'],
  ...['filenameInvalid', 'base64Invalid', 'contentTypeInvalid', 'contentIdInvalid', 'contentIdTwice', 'tooManyAttachments'],
  ...['instantInvalid', 'instantTooFar', 'expiresTooSoon', 'messagesNeeded', 'batchTooLarge', 'limitInvalid', 'cursorInvalid'],
]

type ApiFailure = { status: number; code: string; field: string | null; values: Record<string, string | number> }

/** A refusal as HTTP tells it. */
export function failureOf(refusal: Refusal): ApiFailure {
  const { code, field = null, values } = refusal
  const status = code === 'cardNotFound' && field !== null ? 422 : (statuses[code] ?? 422)
  return { status, code, field, values }
}

/**
 * Only one refusal is told, and a body has room for a million: a list is read to the first that is wrong in it, as zod's own `validate` does.
 * `async` zod sets in a copy: where it is not there, each copy gets a hidden class of its own, which costs five times the parsing.
 */
const firstOnly: z.core.ParseContextInternal<z.core.$ZodIssue> = { abortEarly: true, async: false }

/** Parses what came in. @throws Refusal of the first thing that is wrong, at its field */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value, firstOnly)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw issue ? refusalOf(issue, value) : new Refusal('invalid')
}

function refusalOf(issue: z.core.$ZodIssue, value: unknown): Refusal {
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const path = [...issue.path, ...unknownKey]
  const field = path.length > 0 ? fieldName(path) : undefined
  const values: Record<string, string | number> = 'maximum' in issue ? { max: Number(issue.maximum), most: Number(issue.maximum) } : {}
  if (issue.code === 'unrecognized_keys') return new Refusal('fieldUnknown', field)
  if (issue.code === 'invalid_key') return new Refusal(issue.issues[0]?.message ?? 'invalid', field)
  const isOurs = /^[a-z][A-Za-z0-9]*$/.test(issue.message)
  if (issue.code === 'invalid_type' && valueAt(value, issue.path) === undefined) return new Refusal('required', field)
  if (issue.code === 'invalid_type' && !isOurs) return new Refusal('typeWrong', field, { type: typeOf(issue) })
  if (issue.code === 'invalid_value') return new Refusal('choiceUnknown', field, { choices: issue.values.join(', ') })
  if ('params' in issue && issue.params) Object.assign(values, issue.params)
  return new Refusal(isOurs ? issue.message : 'invalid', field, values)
}

/** In the words of JSON, which knows no records. */
const typeOf = ({ expected }: z.core.$ZodIssueInvalidType) => (expected === 'record' ? 'object' : expected)

/** `messages[3].to[0]`; a name that a program made up is cut, since it comes back in the answer. */
const fieldName = (path: PropertyKey[]) =>
  path.reduce<string>(
    (name, part) =>
      typeof part === 'number'
        ? `${name}[${part}]`
        : `${name}${name && '.'}${String(part)
            .slice(0, 60) // first: of a name of megabytes each letter would be looked at
            .replace(/[^\w.-]/g, '?')}`,
    '',
  )

const valueAt = (value: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>((at, part) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined), value)
