import { AuthError, InteractionRequiredAuthError, ServerError } from '@azure/msal-node'

/**
 * Why Microsoft gave no token. `reconnectNeeded`: the person has to sign in or consent again. `misconfigured`: the operator's
 * application is refused, and no user can mend that. `unavailable`: the network, an outage or throttling; it passes.
 */
export type TokenFailure = { trouble: 'reconnectNeeded' | 'misconfigured' | 'unavailable'; cause: string; text: string }

const ofThePerson = new Set(['invalid_grant', 'interaction_required', 'consent_required', 'login_required', 'access_denied'])
const ofTheOperator = new Set(['invalid_client', 'unauthorized_client', 'invalid_request', 'invalid_scope', 'unsupported_grant_type', 'invalid_resource'])

/** An expired or wrong secret comes under several names; the code tells (learn.microsoft.com, Microsoft Entra error codes). */
const operatorCodes = new Set(['AADSTS7000215', 'AADSTS7000222', 'AADSTS700016', 'AADSTS7000112', 'AADSTS700027', 'AADSTS50012', 'AADSTS50011'])

/** Revoked consent arrives as `ServerError invalid_grant` as well as `InteractionRequiredAuthError`; both mean the same. */
export function tokenFailureOf(error: unknown): TokenFailure {
  const text = textOf(error)
  const code = /AADSTS\d+/.exec(text)?.[0]
  const name = error instanceof AuthError ? error.errorCode : ''
  const cause = code ?? (name || 'network')
  if (code && operatorCodes.has(code)) return { trouble: 'misconfigured', cause, text }
  if (error instanceof InteractionRequiredAuthError || ofThePerson.has(name)) return { trouble: 'reconnectNeeded', cause, text }
  if (error instanceof ServerError && ofTheOperator.has(name)) return { trouble: 'misconfigured', cause, text }
  return { trouble: 'unavailable', cause, text }
}

/** Microsoft's own words in one line; they hold codes and ids and no token. */
function textOf(error: unknown): string {
  const message = error instanceof AuthError ? error.errorMessage || error.message : error instanceof Error ? error.message : String(error)
  return message.replace(/\s+/g, ' ').slice(0, 500)
}
