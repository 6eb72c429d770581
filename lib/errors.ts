/**
 * Something a person asked for that cannot be done, and that they can mend. The code is the key of its
 * sentence in the message files (`refusal.<code>`); `field` names the form field it belongs to.
 */
export class Refusal extends Error {
  readonly code: string
  readonly field: string | undefined
  readonly values: Record<string, string | number>

  constructor(code: string, field?: string, values: Record<string, string | number> = {}) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.field = field
    this.values = values
  }

  /** The same at another field: the one that the value came in by. */
  at(field: string): Refusal {
    return new Refusal(this.code, field, this.values)
  }
}

/** Not the caller's fault, and soon over: it is told to come again. */
export const unavailable = () => new Refusal('unavailable', undefined, { seconds: 5 })
