/** Who has to act. `reconnect`: sign in at Microsoft again; `user`: something else of the person's own; `bug`: we asked wrongly. */
export type OAuthAction = 'reconnect' | 'user' | 'admin' | 'platform' | 'bug' | 'retry'

/** Why Microsoft's sign-in said no, each with the one way out. */
export const oauthCauses = {
  interactionRequired: 'reconnect',
  grantInvalid: 'reconnect',
  passwordChanged: 'reconnect',
  refreshExpired: 'reconnect',
  sessionExpired: 'reconnect', // the organisation lets a sign-in last only so long
  mfaRequired: 'reconnect',
  badCredentials: 'reconnect',
  wrongAccount: 'reconnect',
  consentMissing: 'reconnect',
  signInExpired: 'reconnect', // the code was used before, or came too late
  passwordExpired: 'user',
  consentDeclined: 'user',
  adminConsentRequired: 'admin',
  notAssigned: 'admin',
  accountDisabled: 'admin',
  conditionalAccess: 'admin',
  securityDefaults: 'admin',
  crossTenant: 'admin',
  resourceMissing: 'admin', // Exchange Online is not there, or not licensed
  federationFailed: 'admin', // the organisation's own sign-in server
  redirectMismatch: 'platform',
  clientIdUnknown: 'platform',
  clientSecretInvalid: 'platform',
  clientSecretExpired: 'platform',
  clientCertificate: 'platform',
  clientType: 'platform',
  clientRefused: 'platform', // the registration, for a reason we have no word for
  permissionMissing: 'platform',
  wrongCloud: 'platform',
  wrongEndpoint: 'platform',
  wrongTenant: 'bug',
  scopeUnknown: 'bug',
  scopeMixed: 'bug',
  malformedRequest: 'bug',
  requestLoop: 'bug',
  accountLocked: 'retry',
  transient: 'retry',
  network: 'retry',
  unknown: 'retry', // a word we do not know is never taken for a lost consent
} as const satisfies Record<string, OAuthAction>

export type OAuthCause = keyof typeof oauthCauses

/** Causes that differ for the operator's log only, and read the same to everybody else. */
const sharedTexts = {
  clientType: 'registration',
  clientRefused: 'registration',
  wrongEndpoint: 'wrongCloud',
  wrongTenant: 'ourFault',
  scopeUnknown: 'ourFault',
  scopeMixed: 'ourFault',
  malformedRequest: 'ourFault',
  requestLoop: 'ourFault',
} as const satisfies Partial<Record<OAuthCause, string>>

/** The names of the explanations in `oauthError.json`. */
export type OAuthText = Exclude<OAuthCause, keyof typeof sharedTexts> | (typeof sharedTexts)[keyof typeof sharedTexts]

/** The key of the explanation of a cause; several causes share one. */
export const oauthTextOf = (cause: OAuthCause): OAuthText => (cause in sharedTexts ? sharedTexts[cause as keyof typeof sharedTexts] : (cause as OAuthText))
