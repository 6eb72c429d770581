import type { Failure, FailureKind, Retry } from './failure'

/** A failure with the questions that rules ask of it. */
export type Seen = Failure & { says: (pattern: RegExp) => boolean; status: (...prefixes: string[]) => boolean; class: 4 | 5 | null }

/** `isUnsure`: the words fit several causes; this is the most frequent one. */
export type Rule = { kind: FailureKind; retry?: Retry; when: (seen: Seen) => boolean; isUnsure?: boolean }

/** A failure as rules ask about it: `says` of its text in one line, `status` of an enhanced status or the beginning of one. */
export function look(failure: Failure): Seen {
  const text = failure.text.replace(/\s+/g, ' ')
  const leading = failure.code ? Math.floor(failure.code / 100) : Number(failure.enhancedStatus?.[0] ?? 0)
  return {
    ...failure,
    says: pattern => pattern.test(text),
    status: (...prefixes) => prefixes.some(prefix => failure.enhancedStatus === prefix || failure.enhancedStatus?.startsWith(`${prefix}.`)),
    class: leading === 4 || leading === 5 ? leading : null,
  }
}

/** Whether it failed at signing in; of a failure without a phase, as its text says. */
export const inSignIn = (seen: Seen) => seen.phase === 'auth' || (seen.phase === null && seen.says(/invalid login|AUTH (LOGIN|PLAIN) failed/i))
