import { causeNear, causeOfCode } from './aadsts-codes'
import { type OAuthAction, type OAuthCause, type OAuthText, oauthCauses, oauthTextOf } from './oauth-cause'

/** What is known of a refused sign-in: OAuth's word (RFC 6749 §5.2), Microsoft's text, and what broke below HTTP. */
type OAuthFailure = {
  error?: string | null | undefined // invalid_grant, interaction_required …
  description?: string | null | undefined // with AADSTS…, or an error code of the network
  suberror?: string | null | undefined
  status?: number | null | undefined // of HTTP
}

type OAuthExplanation = {
  cause: OAuthCause
  explanation: OAuthText // the key of its texts: `oauthError.<explanation>.title`, `.meaning`, `.step1` …
  action: OAuthAction
  fixedBy: 'user' | 'admin' | 'platform' | 'time'
  mayRetry: boolean // the same request may pass later; nothing is lost by then
  code: string | null // AADSTS…, as an administrator searches for it
}

/**
 * Why Microsoft said no, and who can mend it. The number decides where it is known; OAuth's word where the number is
 * new; the words of the text where there is neither. Trouble of the network and of Microsoft's own is never taken for
 * a lost consent.
 */
export function explainOAuthError(failure: OAuthFailure): OAuthExplanation {
  const number = numberIn(failure.description ?? '')
  const cause = (number === null ? null : refined(causeOfCode(number), failure)) ?? ofWords(failure) ?? ofTrouble(failure) ?? ofUnknownCode(number, failure)
  const action = actionOf(cause, number)
  const code = number === null ? null : `AADSTS${number}`
  return { cause, explanation: oauthTextOf(cause), action, fixedBy: fixedBy[action], mayRetry: action === 'retry', code }
}

const fixedBy: Record<OAuthAction, OAuthExplanation['fixedBy']> = {
  reconnect: 'user',
  user: 'user',
  admin: 'admin',
  platform: 'platform',
  bug: 'platform',
  retry: 'time',
}

/** `AADSTS70008: …` anywhere, or `7000218 - […]` as msal writes it in front. */
function numberIn(text: string): number | null {
  const found = /AADSTS\s?(\d{4,8})/i.exec(text)?.[1] ?? /^(?:[\w:]*:\s*)*(\d{5,8})\s-\s/.exec(text)?.[1]
  return found ? Number(found) : null
}

/** A refresh token of a single-page app lives 24 hours: only another registration mends that. */
const actionOf = (cause: OAuthCause, number: number | null): OAuthAction => (number === 700084 ? 'platform' : oauthCauses[cause])

/** One number serves codes and refresh tokens; only the text tells which of them ran out. */
function refined(cause: OAuthCause | null, { description }: OAuthFailure): OAuthCause | null {
  if (cause === 'refreshExpired' && /authori[sz]ation code/i.test(description ?? '') && !/refresh token/i.test(description ?? '')) return 'signInExpired'
  return cause
}

/** What Microsoft says without a number, or with a number we have not met. The more particular stand above. */
const words: [RegExp, OAuthCause][] = [
  [/more than one resource|multiple resources/i, 'scopeMixed'],
  [/not supported over the \/?(common|consumers|organizations)|use the \/?(organizations|common)\b|not configured as a multi-tenant/i, 'wrongEndpoint'],
  [/secret.{0,40}(expired|are expired)/i, 'clientSecretExpired'],
  [/invalid client secret|secret (is|was) (wrong|not valid)/i, 'clientSecretInvalid'],
  [/(redirect|reply) (ur[il]|address).{0,80}(match|not registered|not valid)/i, 'redirectMismatch'],
  [/admin(istrator)?'?s? (approval|consent|must consent)|need(s)? admin/i, 'adminConsentRequired'],
  [/(user|owner) (declined|denied|cancell?ed)|declined to consent|access_denied.{0,20}cancel/i, 'consentDeclined'],
  [/security defaults/i, 'securityDefaults'],
  [/conditional access|(compliant|managed) device|device (is not|must be) (compliant|managed)/i, 'conditionalAccess'],
  [/multi-?factor|strong authentication|second factor/i, 'mfaRequired'],
  [/account (is )?(disabled|blocked)/i, 'accountDisabled'],
  [/account (is )?locked/i, 'accountLocked'],
  [/refresh token.{0,60}expired|expired due to inactivity/i, 'refreshExpired'],
  [/authori[sz]ation code.{0,60}(expired|redeemed|used)/i, 'signInExpired'],
  [/(token|grant|session).{0,60}(revoked)|password.{0,40}(changed|reset)/i, 'passwordChanged'],
  [/personal (microsoft )?account|microsoft account.{0,30}not supported/i, 'wrongAccount'],
  [/has(n't| not) consented|consent (is )?required/i, 'consentMissing'],
]

const ofWords = ({ description }: OAuthFailure) => words.find(([pattern]) => pattern.test(description ?? ''))?.[1] ?? null

/** Nobody's settings: Microsoft is busy or broken, or cannot be reached. */
function ofTrouble({ error, description, status }: OAuthFailure): OAuthCause | null {
  if (error === 'temporarily_unavailable' || error === 'server_error') return 'transient'
  if (status && (status >= 500 || status === 429 || status === 408)) return 'transient'
  const isNetwork =
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENETUNREACH|EHOSTUNREACH|UND_ERR\w*|fetch failed|socket hang up|network_error|endpoints_resolution_error|openid_config_error|no_network_connectivity|request_timeout|CERT_\w+|UNABLE_TO_\w+)\b/i
  return isNetwork.test(error ?? '') || isNetwork.test(description ?? '') ? 'network' : null
}

/** OAuth's own word (RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6), where it is precise. */
const precise: Record<string, OAuthCause> = { invalid_client: 'clientRefused', unauthorized_client: 'clientRefused', invalid_scope: 'scopeUnknown' }

const general: Record<string, OAuthCause> = {
  invalid_grant: 'grantInvalid',
  interaction_required: 'interactionRequired',
  login_required: 'interactionRequired',
  consent_required: 'consentMissing',
  access_denied: 'consentDeclined',
  invalid_request: 'malformedRequest',
  invalid_resource: 'malformedRequest',
  invalid_target: 'malformedRequest',
  unsupported_grant_type: 'malformedRequest',
  unsupported_response_type: 'malformedRequest',
}

/** Microsoft's finer word beside invalid_grant. */
const suberrors: Record<string, OAuthCause> = {
  bad_token: 'grantInvalid',
  token_expired: 'refreshExpired',
  user_password_expired: 'passwordExpired',
  consent_required: 'consentMissing',
  protection_policy_required: 'conditionalAccess',
  device_authentication_failed: 'conditionalAccess',
  basic_action: 'interactionRequired',
  additional_action: 'interactionRequired',
  cancel: 'consentDeclined',
}

function ofUnknownCode(number: number | null, { error, suberror }: OAuthFailure): OAuthCause {
  const word = error ?? ''
  const near = number === null ? null : causeNear(number)
  const said = general[word] ?? null
  // a person who cancels gets no number; one who is kept out does, and only the organisation can let them in
  const denied = word === 'access_denied' && number !== null ? (near === 'consentMissing' ? 'adminConsentRequired' : 'conditionalAccess') : null
  // the neighbourhood may be wrong about whose fault it is; a grant that Microsoft calls invalid is mended by signing in
  const grant = word === 'invalid_grant' && near !== null && oauthCauses[near] !== 'admin' && oauthCauses[near] !== 'user' ? said : null
  return suberrors[suberror ?? ''] ?? precise[word] ?? denied ?? grant ?? near ?? said ?? 'unknown'
}
