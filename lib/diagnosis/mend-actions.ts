import type { Explained } from './explain-failure'
import type { MendContext } from './mend-context'

/** A button that mends: a verb of ours, or the place where it is done. */
export type MendAction =
  | 'useAuthorIsLogin' // product.md, rule 7
  | 'useReplyTo'
  | 'removeBlanks'
  | 'probe' // tries the ports, and offers what works
  | 'showCertificate' // and, for admins, trusting it
  | 'powershell' // a line for the administrator of Microsoft 365
  | 'useGraph' // the way around a switched-off SMTP, by a consent of its own
  | 'adminConsent' // the link that an administrator of Microsoft 365 consents by
  | 'connectMicrosoft'
  | 'chooseMicrosoft'
  | 'typePassword'
  | 'openGoogle'
  | 'openCard'
  | 'ipWhitelist'

const wishes: Partial<Record<Explained['explanation'], MendAction[]>> = {
  gmailAppPassword: ['openGoogle', 'removeBlanks', 'typePassword'],
  appPassword: ['removeBlanks', 'typePassword'],
  loginRefused: ['removeBlanks', 'typePassword'],
  microsoftLogin: ['connectMicrosoft', 'chooseMicrosoft', 'removeBlanks', 'typePassword'],
  smtpAuthDisabled: ['chooseMicrosoft', 'powershell'],
  consentNeeded: ['connectMicrosoft'],
  smtpOffOrganisation: ['useGraph', 'chooseMicrosoft', 'powershell'],
  smtpOffMailbox: ['useGraph', 'chooseMicrosoft', 'powershell'],
  securityDefaults: ['useGraph', 'chooseMicrosoft'],
  accessPolicy: ['useGraph', 'chooseMicrosoft', 'powershell'],
  passwordsOff: ['chooseMicrosoft'],
  passwordRefused: ['chooseMicrosoft', 'removeBlanks', 'typePassword'],
  tokenRefused: ['connectMicrosoft', 'openCard'],
  sendAsDenied: ['useAuthorIsLogin', 'powershell'],
  notSignedIn: ['chooseMicrosoft', 'openCard'],
  graphTokenRefused: ['useGraph'],
  graphConsentMissing: ['useGraph'],
  graphNoMailbox: ['connectMicrosoft'],
  graphSendAsDenied: ['useAuthorIsLogin'],
  authMissing: ['openCard', 'probe'],
  authMethod: ['probe'],
  authNotOffered: ['probe'],
  relayDenied: ['openCard', 'ipWhitelist'],
  starttlsMissing: ['probe'],
  tlsMode: ['probe'],
  tlsFailed: ['probe'],
  connectionRefused: ['probe', 'openCard', 'ipWhitelist'],
  timeout: ['probe', 'openCard', 'ipWhitelist'],
  portNotAdmitted: ['probe'],
  connectionLost: ['probe'],
  certificateName: ['showCertificate'],
  certificateExpired: ['showCertificate'],
  certificateUntrusted: ['showCertificate'],
  senderNotAllowed: ['useAuthorIsLogin', 'openCard'],
  senderRefused: ['useAuthorIsLogin', 'openCard'],
  senderAuthentication: ['useReplyTo', 'useAuthorIsLogin'],
  passwordNeeded: ['typePassword'],
  keyMissing: ['typePassword', 'connectMicrosoft'],
  incomplete: ['openCard'],
  hostNotFound: ['openCard'],
  addressBlocked: ['ipWhitelist'],
}

/** A lost consent is given again by the person; an administrator's comes first where it is missing. */
const ofConsent = (explanation: Explained['explanation']): MendAction[] =>
  explanation === 'adminConsentRequired' ? ['adminConsent', 'connectMicrosoft'] : ['connectMicrosoft']

/** The buttons of an explanation for this reader: only what they may press, and what would change something. */
export function mendActions({ namespace, explanation }: Explained, context: MendContext): MendAction[] {
  const wished: MendAction[] = namespace === 'oauthError' ? ofConsent(explanation) : (wishes[explanation] ?? [])
  return wished.filter(action => isUseful[action](context))
}

const isUseful: Record<MendAction, (context: MendContext) => boolean> = {
  useAuthorIsLogin: ({ mayMendSending, mailbox }) => mayMendSending && mailbox !== null,
  useReplyTo: ({ mayMendSending, choice, code, ownerCode }) => mayMendSending && code === ownerCode && (choice === 'platform' || choice === 'smtp'),
  removeBlanks: ({ mayTypePassword, hasBlanks }) => mayTypePassword && hasBlanks,
  probe: ({ mayMendOwner, choice, host }) => mayMendOwner && choice === 'smtp' && host !== null,
  showCertificate: ({ choice, tls, mayTrustHost }) => choice === 'smtp' && tls !== 'none' && mayTrustHost,
  powershell: ({ choice, isMicrosoft, username }) => (isMicrosoft || choice === 'microsoft365') && username !== null,
  useGraph: ({ choice, isOwner }) => choice === 'microsoft365' && isOwner,
  adminConsent: ({ adminConsentLink }) => adminConsentLink !== null,
  connectMicrosoft: ({ choice, isOwner }) => choice === 'microsoft365' && isOwner,
  chooseMicrosoft: ({ choice, isMicrosoft, mayMendOwner }) => choice === 'smtp' && isMicrosoft && mayMendOwner,
  typePassword: ({ mayTypePassword, choice }) => mayTypePassword && choice === 'smtp',
  openGoogle: () => true,
  openCard: ({ mayMendOwner }) => mayMendOwner,
  ipWhitelist: () => true,
}
