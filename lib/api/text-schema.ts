import { z } from 'zod'

/** A refusal after which nothing more is read of the list around it: of a thousand attachments that are wrong one is told. */
export const final = (error: string) => ({ error, abort: true })

const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u // line ends of any alphabet, NUL, halves of characters

/** Text that goes into one line of a header. */
export const oneLine = (most: number) =>
  z
    .string()
    .max(most, final('tooLong'))
    .refine(text => !control.test(text), final('lineUnsafe'))

/** Text of several lines: line ends are kept, what no mail can carry is refused. */
export const manyLines = z
  .string()
  .max(10_000_000, 'tooLong')
  .refine(text => !text.includes('\0') && text.isWellFormed(), 'textUnsafe')

/** A word of a pattern in capitals or not: the patterns are published, and JSON Schema knows no flags. */
export const anyCase = (word: string) => word.replace(/[a-z]/gi, letter => `[${letter.toUpperCase()}${letter.toLowerCase()}]`)
