import { z } from 'zod'
import { anyCase, oneLine } from './text-schema'

const longestHeader = 900 // RFC 5322 section 2.1.1: 998 octets a line
const mostHeaders = 50

/** Those that hold ids of other messages. */
const idsName = `(${anyCase('In-Reply-To')}|${anyCase('References')})`

/** Only these: everything else of a header is the route's, or made when the message leaves. */
const headerName = new RegExp(`^(${anyCase('X')}-[A-Za-z0-9-]{1,70}|${idsName}|${anyCase('Auto-Submitted')}|${anyCase('List')}-[A-Za-z-]{1,70})$`)

/**
 * Message ids as RFC 5322 section 3.6.4 has them, or as real mail does: without an @, or side by side; or one as programs keep it, which
 * gets its brackets when the message is composed. They are no text that could be encoded, so what is not ASCII would leave as it is.
 */
const messageIds = /^(<[!-;=?-~]+>( *<[!-;=?-~]+>)*|[!-;=?-~]+@[!-;=?-~]+)$/
const holdsIds = new RegExp(`^${idsName}$`)

/**
 * Addresses of a list, its id and keywords (RFC 2369, 2919, 3834): encoded words inside of them are none (RFC 2047 section 5), so that
 * no mail program would find the way off a list.
 */
const isStructured = new RegExp(`^(${anyCase('List')}-[A-Za-z-]+|${anyCase('Auto-Submitted')})$`)
const ascii = /^[ -~]*$/

const header = z
  .record(z.string().regex(headerName, 'headerNotAllowed'), oneLine(longestHeader))
  .refine(record => new Set(Object.keys(record).map(name => name.toLowerCase())).size === Object.keys(record).length, 'headerTwice')
  .check(({ value, issues }) => {
    for (const [name, text] of Object.entries(value)) {
      if (holdsIds.test(name) && !messageIds.test(text)) issues.push({ code: 'custom', input: text, path: [name], message: 'messageIdsInvalid' })
      if (isStructured.test(name) && !ascii.test(text)) issues.push({ code: 'custom', input: text, path: [name], message: 'headerNeedsAscii' })
    }
  })

/**
 * Counted before they are read, as zod itself does with lists: a body has room for millions of names, and each that is wrong is an
 * issue. Of one name zod makes nothing at all, since it would change what an object is.
 */
export const headers = z
  .unknown()
  .check(({ value, issues }) => {
    if (typeof value !== 'object' || value === null) return
    if (Object.keys(value).length > mostHeaders) issues.push({ code: 'custom', input: value, message: 'tooManyHeaders' })
    if (Object.hasOwn(value, '__proto__')) issues.push({ code: 'custom', input: value, path: ['__proto__'], message: 'headerNotAllowed' })
  })
  .pipe(header)
  .meta({
    type: 'object',
    maxProperties: mostHeaders,
    propertyNames: { type: 'string', pattern: headerName.source },
    patternProperties: {
      [holdsIds.source]: { type: 'string', maxLength: longestHeader, pattern: messageIds.source },
      [isStructured.source]: { type: 'string', maxLength: longestHeader, pattern: ascii.source },
    },
    additionalProperties: { type: 'string', maxLength: longestHeader },
  })
