/**
 * Something a person asked for that cannot be done, and that they can mend. The code is the key of its
 * sentence in the message files (`refusal.<code>`); `field` names the form field it belongs to.
 */
export class Refusal extends Error {
  readonly code: string
  readonly field: string | undefined
  readonly values: Record<string, string | number>
  /** What is wrong at other fields: a form tells all of it at once. */
  readonly others: readonly Refusal[]

  constructor(code: string, field?: string, values: Record<string, string | number> = {}, others: readonly Refusal[] = []) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.field = field
    this.values = values
    this.others = others
  }

  /** The same at another field: the one that the value came in by. */
  at(field: string): Refusal {
    return new Refusal(this.code, field, this.values, this.others)
  }
}

/** Waits for all of them, and refuses with everything that they refuse at fields. What is at none (not allowed, stale) goes first, and alone; a bug before that. */
export async function allOf<Results extends unknown[]>(...asked: { [Index in keyof Results]: Promise<Results[Index]> }): Promise<Results> {
  const settled = await Promise.allSettled(asked)
  throwAll(settled.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : [])))
  return Promise.all(asked) as Promise<Results>
}

/** The same for checks that wait for nothing. */
export function assertAll(...checks: (() => void)[]): void {
  throwAll(
    checks.flatMap(check => {
      try {
        check()
        return []
      } catch (error) {
        return [error]
      }
    }),
  )
}

function throwAll(errors: unknown[]): void {
  const refusals = errors.filter(error => error instanceof Refusal)
  if (refusals.length < errors.length) throw errors.find(error => !(error instanceof Refusal))
  const atNone = refusals.find(({ field }) => field === undefined)
  if (atNone) throw atNone
  const [first, ...rest] = refusals
  if (first) throw new Refusal(first.code, first.field, first.values, [...first.others, ...rest.flatMap(refusal => [refusal, ...refusal.others])])
}

/** Not the caller's fault, and soon over: it is told to come again. */
export const unavailable = () => new Refusal('unavailable', undefined, { seconds: 5 })
