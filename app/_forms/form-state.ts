/** What a form knows after it was sent: words are translated already, typed values hold no secret. Client-safe. */
export type FormState<Result = undefined> = {
  status: 'idle' | 'saved' | 'refused'
  message?: string
  fieldErrors: Record<string, string>
  values: Record<string, string>
  savedAt?: string // ISO 8601; also a key that changes with every save
  result?: Result
}

export const idleForm: FormState<never> = { status: 'idle', fieldErrors: {}, values: {} }
