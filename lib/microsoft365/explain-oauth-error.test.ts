import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { explainOAuthError } from './explain-oauth-error'
import { type OAuthCause, oauthCauses, oauthTextOf } from './oauth-cause'

/** Microsoft's number, the OAuth word it comes with, what we make of it, who has to act. The texts are of our own writing. */
test.each([
  [50076, 'invalid_grant', 'mfaRequired', 'reconnect'],
  [50079, 'interaction_required', 'mfaRequired', 'reconnect'],
  [500121, 'interaction_required', 'mfaRequired', 'reconnect'],
  [50173, 'invalid_grant', 'passwordChanged', 'reconnect'],
  [50133, 'invalid_grant', 'passwordChanged', 'reconnect'],
  [70008, 'invalid_grant', 'refreshExpired', 'reconnect'],
  [700082, 'invalid_grant', 'refreshExpired', 'reconnect'],
  [700084, 'invalid_grant', 'refreshExpired', 'platform'],
  [70043, 'invalid_grant', 'sessionExpired', 'reconnect'],
  [70000, 'invalid_grant', 'grantInvalid', 'reconnect'],
  [65001, 'consent_required', 'consentMissing', 'reconnect'],
  [65004, 'access_denied', 'consentDeclined', 'user'],
  [90094, 'access_denied', 'adminConsentRequired', 'admin'],
  [90095, 'access_denied', 'adminConsentRequired', 'admin'],
  [900941, 'invalid_request', 'adminConsentRequired', 'admin'],
  [50020, 'access_denied', 'wrongAccount', 'reconnect'],
  [500200, 'invalid_request', 'wrongAccount', 'reconnect'],
  [50055, 'invalid_grant', 'passwordExpired', 'user'],
  [50057, 'invalid_grant', 'accountDisabled', 'admin'],
  [50105, 'access_denied', 'notAssigned', 'admin'],
  [53000, 'interaction_required', 'conditionalAccess', 'admin'],
  [53003, 'access_denied', 'conditionalAccess', 'admin'],
  [530035, 'access_denied', 'securityDefaults', 'admin'],
  [500011, 'invalid_resource', 'resourceMissing', 'admin'],
  [500212, 'access_denied', 'crossTenant', 'admin'],
  [50053, 'invalid_grant', 'accountLocked', 'retry'],
  [90033, 'temporarily_unavailable', 'transient', 'retry'],
  [54005, 'invalid_grant', 'signInExpired', 'reconnect'],
  [50011, 'invalid_request', 'redirectMismatch', 'platform'],
  [700016, 'unauthorized_client', 'clientIdUnknown', 'platform'],
  [7000215, 'invalid_client', 'clientSecretInvalid', 'platform'],
  [7000222, 'invalid_client', 'clientSecretExpired', 'platform'],
  [700027, 'invalid_client', 'clientCertificate', 'platform'],
  [7000218, 'invalid_client', 'clientType', 'platform'],
  [50194, 'invalid_request', 'wrongEndpoint', 'platform'],
  [900023, 'invalid_request', 'wrongTenant', 'bug'],
  [70011, 'invalid_scope', 'scopeUnknown', 'bug'],
  [9002325, 'invalid_request', 'malformedRequest', 'bug'],
  [50196, 'invalid_grant', 'requestLoop', 'bug'],
] as const)('AADSTS%i in %s is %s, mended by: %s', (number, error, cause, action) => {
  const explained = explainOAuthError({ error, description: `AADSTS${number}: words. Trace ID: 00000000-0000-0000-0000-000000070008` })
  expect(explained).toMatchObject({ cause, action, code: `AADSTS${number}`, mayRetry: action === 'retry' })
})

test.each([
  [53099, 'interaction_required', 'conditionalAccess', 'a new rule of conditional access is still one'],
  [53098, 'access_denied', 'conditionalAccess', 'whoever is kept out did not press Cancel'],
  [700098, 'invalid_client', 'clientRefused', 'the registration, whatever is new about it'],
  [50999, 'invalid_grant', 'grantInvalid', 'a sign-in mends what Microsoft calls an invalid grant'],
  [9002399, 'invalid_request', 'malformedRequest', 'a request it does not understand is our fault'],
  [80099, 'invalid_grant', 'federationFailed', "the organisation's own sign-in server, by its numbers"],
  [65099, 'access_denied', 'adminConsentRequired', 'a consent that is refused by rule'],
  [123456, 'server_error', 'transient', "Microsoft's own trouble is nobody's consent"],
  [123456, 'new_word', 'unknown', 'what nobody knows is tried again, and nothing is thrown away'],
] as const)('AADSTS%i, which is not in the table, in %s is %s: %s', (number, error, cause, why) => {
  expect(explainOAuthError({ error, description: `AADSTS${number}: something new` }).cause, why).toBe(cause)
})

test.each([
  ['msal throws a ServerError for a withdrawn consent', { error: 'invalid_grant', description: 'AADSTS50173: withdrawn', suberror: '' }, 'reconnect'],
  [
    'or an InteractionRequiredAuthError with the same inside',
    { error: 'interaction_required', description: 'AADSTS50173', suberror: 'bad_token' },
    'reconnect',
  ],
  ['the number may stand in front, without its name', { error: 'invalid_client', description: '7000222 - [2026-05-03 10:00:00Z]: expired' }, 'platform'],
  ['Cancel on the page of consent has no number', { error: 'access_denied', description: 'The user has denied access' }, 'user'],
  ['a grant refused without any words', { error: 'invalid_grant', description: '' }, 'reconnect'],
  ['an expired password in the finer word alone', { error: 'invalid_grant', suberror: 'user_password_expired' }, 'user'],
  ['a 503 with a page of HTML', { description: '<html>Service Unavailable</html>', status: 503 }, 'retry'],
  ['a name that is not found', { error: 'network_error', description: 'getaddrinfo ENOTFOUND login.microsoftonline.com' }, 'retry'],
  ['a connection that breaks', { description: 'fetch failed: ECONNRESET' }, 'retry'],
  ['nothing at all', {}, 'retry'],
] as const)('%s', (_why, failure, action) => {
  expect(explainOAuthError(failure).action).toBe(action)
})

test('a code that came too late is another thing than a refresh token that was not used', () => {
  const late = explainOAuthError({ error: 'invalid_grant', description: 'AADSTS70008: The provided authorization code has expired.' })
  expect(late.cause).toBe('signInExpired')
})

test.each(['pl', 'en', 'et'])('every cause has its title, meaning and first step in %s', language => {
  const texts = JSON.parse(readFileSync(`app/_i18n/messages/${language}/oauthError.json`, 'utf8'))
  const wanted = new Set(Object.keys(oauthCauses).map(cause => oauthTextOf(cause as OAuthCause)))
  expect(new Set(Object.keys(texts)), 'neither one missing nor one too many').toEqual(wanted)
  for (const text of Object.values(texts)) expect(text).toMatchObject({ title: expect.any(String), meaning: expect.any(String), step1: expect.any(String) })
})
