import { AuthError, InteractionRequiredAuthError, ServerError } from '@azure/msal-node'
import { cutText } from '@/lib/cut-text'
import { explainOAuthError } from './explain-oauth-error'

/**
 * Why Microsoft gave no token. `reconnectNeeded`: the person, or the organisation's administrator, has to act and then sign in again.
 * `misconfigured`: the operator's application is refused, and no user can mend that. `unavailable`: the network, an outage or
 * throttling; it passes.
 */
export type TokenFailure = { trouble: 'reconnectNeeded' | 'misconfigured' | 'unavailable'; cause: string; text: string } // cause: AADSTS…, or the error's own name

/** Revoked consent arrives as `ServerError invalid_grant` as well as `InteractionRequiredAuthError`; both mean the same. */
export function tokenFailureOf(error: unknown): TokenFailure {
  const text = textOf(error)
  const [name, suberror] = error instanceof AuthError ? [error.errorCode, error.subError] : ['', '']
  const status = error instanceof ServerError ? error.status : undefined
  const { fixedBy, code } = explainOAuthError({ error: name, description: text, suberror, status })
  const cause = code ?? (name || 'network')
  const isKnownToPass = fixedBy === 'time' && !(error instanceof InteractionRequiredAuthError)
  return { trouble: fixedBy === 'platform' ? 'misconfigured' : isKnownToPass ? 'unavailable' : 'reconnectNeeded', cause, text }
}

/** Microsoft's own words in one line; they hold codes and ids and no token. */
function textOf(error: unknown): string {
  const message = error instanceof AuthError ? error.errorMessage || error.message : error instanceof Error ? error.message : String(error)
  return cutText(message.replace(/\s+/g, ' '), 500)
}
