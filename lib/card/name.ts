import { z } from 'zod'

/** As the sentence of `nameTooLong` says it. */
export const longestName = 200
/** Control characters and line ends of any alphabet: a name stands in a header. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u

/** A name that may stand in a header: a person's or a company's. */
export const nameField = z
  .string()
  .default('')
  .transform((text, context) => {
    const name = text.trim()
    const problem = name === '' ? 'nameNeeded' : name.length > longestName ? 'nameTooLong' : unsafe.test(name) ? 'nameUnsafe' : null
    if (!problem) return name
    context.addIssue({ code: 'custom', message: problem })
    return z.NEVER
  })
