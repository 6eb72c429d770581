import { inSignIn, type Rule } from './rule'

/** What breaks before anybody has signed in. Words of node, OpenSSL and libc; servers add theirs where they want encryption first. */
export const networkRules: Rule[] = [
  { kind: 'ourConfiguration', when: s => s.says(/getaddrinfo \w+ ["'<]/i) },
  {
    kind: 'certificate',
    when: s =>
      s.says(
        /self.signed certificate|altnames|certificate (has expired|is not yet valid|verify failed)|unable to (verify|get) .*(certificate|issuer)|CERT_|ERR_TLS_CERT|certificate (unknown|is not trusted)/i,
      ) || /CERT/i.test(s.errorCode ?? ''),
  },
  {
    kind: 'tlsProtocol',
    when: s =>
      s.says(
        /alert protocol version|unsupported protocol|dh key too small|ee key too small|no (shared|protocols) |handshake failure|inappropriate fallback|legacy renegotiation|ca md too weak/i,
      ),
  },
  {
    kind: 'portOrTlsMode',
    when: s =>
      s.says(/wrong version number|greeting never received|packet length too long|record layer failure|http request to an https|SSL_ERROR_RX_RECORD/i) ||
      s.errorCode === 'starttlsNotOffered',
  },
  {
    kind: 'portOrTlsMode',
    when: s =>
      s.says(
        /failed to establish appropriate TLS|must issue a STARTTLS|STARTTLS (is |command )?(required|first)|requires? (a )?(secure|encrypted) connection(?!.*5\.7\.57)|encryption (is )?required|(TLS|SSL) (connection |encryption )?(is )?(required|needed)|plaintext (auth\w* )?(is )?(disallowed|disabled)/i,
      ),
  },
  { kind: 'portOrTlsMode', when: s => s.says(/connect ETIMEDOUT \S+:(465|25|587)\b/), isUnsure: true },
  // the server that takes mail for an organisation, where the one that sends it was meant
  { kind: 'portOrTlsMode', when: s => s.says(/unrecognized authentication type.*protection\.outlook\.com/i), isUnsure: true },
  { kind: 'dns', retry: 'never', when: s => s.says(/null ?MX|does not accept (e-?)?mail\b(?! over)|Host or domain name not found|no MX record/i) },
  { kind: 'dns', when: s => s.phase === 'dns' || s.says(/getaddrinfo|query[A-Z]+ E[A-Z]+|\bEDNS\b|ENOTFOUND|EAI_AGAIN/) },
  { kind: 'connection', retry: 'never', when: s => s.says(/^<[^>]*>: connect to .*timed out/i) },
  {
    kind: 'connection',
    when: s =>
      s.says(
        /DNS error when resolving|refused to talk to me: 421 4\.4\.2|socket close|ECONN|EADDRNOTAVAIL|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ESOCKET|EPIPE|connection (lost|reset|closed)/i,
      ),
  },
]

/** What the sign-in comes to, by the words of those who run large servers and of the usual server programs. */
export const signInRules: Rule[] = [
  // Microsoft gives 5.7.139 to everything; only its words tell a wrong password from a switch that is off
  { kind: 'credentials', when: s => s.says(/user ?credentials were incorrect|incorrect (user ?name|login) or password/i) },
  {
    kind: 'accountBlocked',
    when: s =>
      inSignIn(s) &&
      s.says(
        /looks like spam|not a robot|captcha|suspend|\blocked|disabled account|account (\w+ ){0,3}(is |has been |was )?(blocked|disabled|closed|frozen|banned)|verify your account|unusual (activity|sign)|log ?in (via|with) your web browser|konto (\S+ )?(zablokowan|nieaktywn)|compte .*bloqu/i,
      ) &&
      !s.says(/security defaults|your organization/i),
  },
  {
    kind: 'providerSetting',
    when: s =>
      s.says(
        /SmtpClientAuthentication is disabled|smtp_auth_disabled|Mailbox cannot be accessed|security defaults|basic authentication is disabled|did not meet the criteria|(smtp|imap|pop3?|external|third.party|remote)\W+(\w+\W+){0,3}(is |are |has been |jest )?(not (enabled|activated|allowed)|disabled|turned off|switched off|inactive|wyłączon|nieaktywn)|(enable|activate|włącz) (smtp|imap|pop|external)|not have access rights to this service|account is not yet activated|not authorized to perform .?ses:/i,
      ) || s.status('5.7.139', '5.7.30'),
  },
  {
    kind: 'rateLimit',
    when: s => s.says(/too many (login|sign.?in|auth\w*) (attempts|failures)(?!.*bad)|maximum credits exceeded|concurrent connections limit/i),
  },
  {
    kind: 'authMethod',
    when: s =>
      s.says(
        /invalid authentication mechanism|AUTH command used when not advertised|mechanism (is )?(not|un)\s?(supported|available)|no (suitable|supported) auth/i,
      ) || s.errorCode === 'authNotOffered',
  },
  { kind: 'authMethod', when: s => s.says(/unrecogni[sz]ed authentication type/i), isUnsure: true },
  { kind: 'ourConfiguration', when: s => s.says(/invalid format|domain literals? not allowed|expected authorization state/i) },
  {
    // a password where only a consent serves, a consent that ended, or a switch that is off: the words are the same
    kind: 'oauth',
    when: s => (s.phase === 'auth' || s.phase === null) && s.status('5.7.3') && s.code === 535 && s.says(/authentication unsuccessful|XOAUTH2|oauth/i),
    isUnsure: true,
  },
  { kind: 'oauth', when: s => s.says(/invalid_grant|interaction_required|invalid_token|consent_required|token (has )?(expired|is invalid)/i) },
  {
    kind: 'credentials',
    when: s =>
      s.says(
        /application-specific password|InvalidSecondFactor|app(lication)?[ -]password|parol prilozheniya|hasł[oa] (do )?aplikacji|username and password not accepted|BadCredentials|bad user ?name|(wrong|invalid|incorrect) (user ?name|login|password|credentials)(?! for relay)|credentials (are )?invalid|login or password|(błędn|nieprawidłow)\w* (login|hasło|użytkownik)|błąd (uwierzytelni|autoryzac|logowani)/i,
      ) && !s.says(/SmtpClientAuth/i),
  },
  { kind: 'credentials', when: s => s.says(/too many bad auth attempts/i) },
  {
    kind: 'authMissing',
    when: s =>
      s.says(
        /not authenticated to send|client (was )?not authenticated|(authentication|smtp auth) (is )?(required|needed)|(must|need to|please) (first )?(authenticate|log ?in)|unauthenticated senders? not allowed|anonymous mail|wymaga\w* (uwierzytelni|logowani|autoryzac)/i,
      ) &&
      s.code !== 535 &&
      s.enhancedStatus !== '5.5.1' &&
      !s.says(/5\.7\.13[356]/),
  },
  { kind: 'ourConfiguration', when: s => s.code === 530 && s.status('5.5.1') },
  // sent where the login is an address of the network, as at Google's relay
  { kind: 'relayOrIp', when: s => s.says(/invalid credentials for relay|unauthori[sz]ed IP/i) },
  { kind: 'credentials', when: s => s.code === 535 || (s.status('5.7.3', '5.7.8') && s.says(/authenticat/i)) },
  { kind: 'credentials', when: s => inSignIn(s) && s.class === 5, isUnsure: true },
  { kind: 'temporary', when: s => inSignIn(s) && s.class === 4 },
]
