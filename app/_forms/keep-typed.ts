import { unstable_isUnrecognizedActionError } from 'next/navigation'
import type { FormState } from './form-state'
import { readForm, typedIn } from './read-form'

/**
 * An action that does not reach the server leaves its form as it was filled in, with `sentence`. What the server threw bears a digest and
 * goes on up, as redirects do; so does that this page is of another version than the server.
 */
export function keepTyped<State extends FormState<unknown>>(action: (before: State, form: FormData) => Promise<State>, sentence: string) {
  return async (before: State, form: FormData): Promise<State | FormState<never>> => {
    try {
      return await action(before, form)
    } catch (error) {
      if (!(error instanceof Error) || 'digest' in error || unstable_isUnrecognizedActionError(error)) throw error
      return { status: 'refused', message: sentence, fieldErrors: {}, ...typedIn(readForm(form)) }
    }
  }
}
