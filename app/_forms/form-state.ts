/** What a form knows after it was sent: words are translated already, typed values hold no secret. Client-safe. */
export type FormState<Result = undefined> = {
  status: 'idle' | 'saved' | 'refused'
  message?: string
  isSignedOut?: boolean // the session has ended: the message asks to sign in
  fieldErrors: Record<string, string>
  values: Record<string, string>
  lists?: Record<string, string[]> // what was ticked, of names that stood there several times
  savedAt?: string // ISO 8601; also a key that changes with every save
  result?: Result
}

export const idleForm: FormState<never> = { status: 'idle', fieldErrors: {}, values: {} }

/** What was ticked under `name` when the form was refused; null when it was not, and the page shows what is stored. */
export function tickedBefore(state: FormState<unknown>, name: string): string[] | null {
  if (state.status !== 'refused') return null
  const one = state.values[name]
  return state.lists?.[name] ?? (one === undefined ? [] : [one])
}
