import type { Failure, FailureKind, Retry } from './failure'

/** `sure` is false where the words of the server fit several causes: a page then says "most often". */
export type Diagnosis = { kind: FailureKind; retry: Retry; isSure: boolean }

type Rule = { kind: FailureKind; retry?: Retry; when: (seen: Seen) => boolean; isUnsure?: boolean }
type Seen = Failure & { says: (pattern: RegExp) => boolean; status: (...prefixes: string[]) => boolean; class: 4 | 5 | null }

/**
 * What is wrong, by what the server said and where. Words first where they are plain, then the enhanced status
 * (RFC 3463, IANA's registry), then the code and the phase (RFC 5321, 4954): servers are careless with codes and
 * careful with words. The first rule that fits decides, so the more particular stand above.
 */
export function diagnose(failure: Failure): Diagnosis {
  const seen = look(failure)
  const rule = rules.find(candidate => candidate.when(seen))
  if (!rule) return { kind: seen.class === 4 ? 'temporary' : 'other', retry: seen.class === 4 ? 'later' : 'never', isSure: false }
  return { kind: rule.kind, retry: rule.retry ?? retryOf[rule.kind] ?? (seen.class === 4 ? 'later' : 'never'), isSure: !rule.isUnsure }
}

/** Kinds that a person mends, whatever the code; the rest go by the code. */
const retryOf: Partial<Record<FailureKind, Retry>> = {
  credentials: 'user',
  providerSetting: 'user',
  oauth: 'user',
  authMissing: 'user',
  authMethod: 'user',
  senderAddress: 'user',
  portOrTlsMode: 'user',
  tlsProtocol: 'user',
  certificate: 'user',
  accountBlocked: 'user',
  ourConfiguration: 'user',
  relayOrIp: 'user',
  helo: 'user',
  rateLimit: 'later',
  temporary: 'later',
  connection: 'later',
  dns: 'later',
  ipReputation: 'later', // the list forgets, and another of our addresses may be let in
  recipient: 'never',
  content: 'never',
  policy: 'never',
}

function look(failure: Failure): Seen {
  const text = failure.text.replace(/\s+/g, ' ')
  const leading = failure.code ? Math.floor(failure.code / 100) : Number(failure.enhancedStatus?.[0] ?? 0)
  return {
    ...failure,
    says: pattern => pattern.test(text),
    status: (...prefixes) => prefixes.some(prefix => failure.enhancedStatus === prefix || failure.enhancedStatus?.startsWith(`${prefix}.`)),
    class: leading === 4 || leading === 5 ? leading : null,
  }
}

const inSignIn = (seen: Seen) => seen.phase === 'auth' || (seen.phase === null && seen.says(/invalid login|AUTH (LOGIN|PLAIN) failed/i))
const beforeRecipient = (seen: Seen) => seen.phase === 'mail' || seen.phase === 'auth'

const network: Rule[] = [
  { kind: 'ourConfiguration', when: s => s.says(/getaddrinfo \w+ ["'<]/i) },
  {
    kind: 'certificate',
    when: s =>
      s.says(
        /self.signed certificate|altnames|certificate (has expired|is not yet valid|verify failed)|unable to (verify|get) .*(certificate|issuer)|CERT_|ERR_TLS_CERT/i,
      ) ||
      /CERT/.test(s.errorCode ?? '') ||
      s.errorCode === 'certificateName',
  },
  {
    kind: 'tlsProtocol',
    when: s =>
      s.says(
        /alert protocol version|unsupported protocol|dh key too small|no (shared|protocols) |handshake failure|inappropriate fallback|legacy renegotiation/i,
      ),
  },
  {
    kind: 'portOrTlsMode',
    when: s => s.says(/wrong version number|greeting never received|packet length too long|record layer failure/i) || s.errorCode === 'starttlsMissing',
  },
  {
    kind: 'portOrTlsMode',
    when: s =>
      s.says(
        /failed to establish appropriate TLS|must issue a STARTTLS|STARTTLS (is )?required|requires? (a )?(secure|encrypted) connection(?!.*5\.7\.57)|encryption required/i,
      ),
  },
  { kind: 'portOrTlsMode', when: s => s.says(/connect ETIMEDOUT \S+:(465|25|587)\b/), isUnsure: true },
  { kind: 'dns', retry: 'never', when: s => s.says(/null ?MX|does not accept mail|Host or domain name not found/i) },
  { kind: 'dns', when: s => s.phase === 'dns' || s.says(/getaddrinfo|query[A-Z]+ E[A-Z]+|\bEDNS\b|ENOTFOUND|EAI_AGAIN/) },
  { kind: 'connection', retry: 'never', when: s => s.says(/^<[^>]*>: connect to .*timed out/i) },
  {
    kind: 'connection',
    when: s =>
      s.says(
        /DNS error when resolving|refused to talk to me: 421 4\.4\.2|socket close|ECONN|EADDRNOTAVAIL|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ESOCKET|connection (lost|reset|closed)/i,
      ),
  },
]

const signIn: Rule[] = [
  {
    kind: 'providerSetting',
    when: s =>
      s.says(/SmtpClientAuthentication is disabled|smtp_auth_disabled|Mailbox cannot be accessed|security defaults|basic authentication is disabled/i) ||
      s.status('5.7.139', '5.7.30'),
  },
  {
    kind: 'accountBlocked',
    when: s => inSignIn(s) && s.says(/looks like spam|not a robot|captcha|suspended|locked|disabled account|account (is )?(blocked|disabled)/i),
  },
  { kind: 'rateLimit', when: s => s.says(/too many login attempts/i) },
  {
    kind: 'authMethod',
    when: s =>
      s.says(
        /unrecognized authentication type|invalid authentication mechanism|AUTH command used when not advertised|mechanism (is )?(not|un)supported|no (suitable|supported) auth/i,
      ) || s.errorCode === 'authNotOffered',
  },
  { kind: 'ourConfiguration', when: s => s.says(/invalid format|domain literals? not allowed|expected authorization state/i) },
  {
    kind: 'oauth',
    when: s => (s.phase === 'auth' || s.phase === null) && s.status('5.7.3') && s.code === 535 && s.says(/authentication unsuccessful|XOAUTH2|oauth/i),
  },
  {
    kind: 'credentials',
    when: s => s.says(/application-specific password|InvalidSecondFactor|app(lication)? password|username and password not accepted|BadCredentials/i),
  },
  { kind: 'credentials', when: s => s.says(/too many bad auth attempts/i) },
  {
    kind: 'authMissing',
    when: s =>
      s.says(/not authenticated to send|client was not authenticated|authentication (is )?required|anonymous mail/i) &&
      s.code !== 535 &&
      s.enhancedStatus !== '5.5.1' &&
      !s.says(/5\.7\.13[356]/),
  },
  { kind: 'ourConfiguration', when: s => s.code === 530 && s.status('5.5.1') },
  { kind: 'credentials', when: s => s.code === 535 || (inSignIn(s) && s.class === 5) || (s.status('5.7.3', '5.7.8') && s.says(/authenticat/i)) },
  { kind: 'temporary', when: s => inSignIn(s) && s.class === 4 },
]

const identity: Rule[] = [
  {
    kind: 'senderAddress',
    when: s =>
      s.says(
        /permissions? to send as|SendAsDenied|same as authori[sz]ation user|sender address rejected: not (owned|logged)|not (allowed|authorized) to (use|send) (from|as)|not associated with your account|not match a verified sender|emetteur invalide|sender rejected$|invalid sender/i,
      ) || s.status('5.7.60', '5.2.252'),
  },
  { kind: 'providerSetting', when: s => s.says(/^MessageRejected: Email address is not verified/i) },
  { kind: 'senderAddress', when: s => s.says(/is not verified/i) },
  { kind: 'helo', retry: 'later', when: s => s.class === 4 && (s.phase === 'ehlo' || s.says(/\((EHLO|HELO)\)/)) },
  { kind: 'helo', when: s => s.says(/helo command rejected|need fully-qualified hostname|invalid helo|\((EHLO|HELO)\)/i) },
  {
    kind: 'senderAuthentication',
    when: s =>
      s.says(
        /\[?SPF\]?.*(not allowed|fail)|pass (either )?(SPF|DMARC|DKIM)|does not pass DMARC|DMARC (policy|verification)|unauthenticated email|fails? (SPF|DKIM|DMARC)|SPF (check )?fail/i,
      ) || s.status('5.7.26', '4.7.26', '5.7.509', '5.7.23'),
  },
  { kind: 'accountBlocked', when: s => s.status('5.1.8') },
]

const limits: Rule[] = [
  {
    kind: 'rateLimit',
    when: s =>
      s.says(
        /quota ?exceeded|sending (quota|limit)|exceeded .*(sending|rate)|too many (messages|connections)(?!.*trop)|at a rate that|rate ?limit|slow down(?!.*OFR)|throttl/i,
      ) && !s.says(/over quota|recipient's per hour/i),
  },
  {
    kind: 'rateLimit',
    when: s =>
      s.status('5.4.5', '4.7.28', '5.7.28', '4.3.2') || s.says(/^\S*\s*5\.1\.0 \S+ policy violation/i) || (s.status('5.1.0') && s.says(/policy violation/i)),
  },
]

const reputation: Rule[] = [
  {
    kind: 'content',
    when: s =>
      s.says(
        /sender address .*blocked using|dbl\.spamhaus|likely (unsolicited|suspicious|spam)|flagged as spam|spam message rejected|BLOCK-SEND-ER|detected that this message|messages? from \[[\d.]+\] w/i,
      ),
  },
  {
    kind: 'ipReputation',
    when: s =>
      s.says(
        /spamhaus|sorbs|barracuda(central|networks| reputation)|spamcop|dnsbl|\brbl\b|rbl\+|drbl|black ?list|blocklist|poor reputation|bad reputation|reputation|Client host .*blocked|\bIP\b.*(blocked|listed|banned|refused)|not allowed from this range|from this IP|Zodiac|your (IP|host)|blocked using/i,
      ),
  },
  { kind: 'ipReputation', when: s => s.says(/\bbad IP\b|not allowed to connect|ipcheck|access to submit messages|banned sender\s?\[\d/i) },
  {
    kind: 'ipReputation',
    when: s =>
      s.says(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b.*(block|reject|denied|problem|refus|abus)/i) && s.phase !== 'rcpt' && s.class === 5 && !s.says(/said:/i),
  },
]

const recipient: Rule[] = [
  {
    kind: 'mailboxFull',
    when: s => s.says(/out of storage|over ?quota|mailbox (is )?full|quota exceeded for|trop de connexions/i) || s.status('5.2.2', '4.2.2'),
  },
  { kind: 'relayOrIp', when: s => s.says(/unable to relay|relay access denied|relaying denied|relay not permitted/i) || s.status('5.7.64') },
  {
    kind: 'policy',
    when: s =>
      s.says(
        /banned|rejected by recipient|anti-spoofing|not authorized|sender (was )?not authenticated|does not accept email over|reverse DNS|tenant has exceeded/i,
      ) || s.status('5.7.504', '5.7.133', '5.7.13', '5.7.135', '5.7.136'),
  },
  { kind: 'other', when: s => s.says(/routing loop|too many invalid recipients|recipient's per hour|journaling/i) || s.status('5.0.350') },
  {
    kind: 'recipient',
    when: s =>
      s.status('5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.4.1', '5.2.1', '5.0.1') ||
      s.says(
        /unknown user|user (unknown|not found|does not exist)|no such (user|recipient|mailbox)|no mailbox here|invalid (mailbox|recipient)|not a valid recipient|recipient (unknown|not found|address rejected)|mailbox (\S+ )?(not (found|available)|unavailable)|doe?sn'?t exist|does not exist|account not found|local mailbox|address does not exist/i,
      ),
  },
]

const remaining: Rule[] = [
  {
    kind: 'content',
    when: s => s.status('5.6') || s.says(/policy restrictions|spam|virus|malware|attachment (type )?not allowed|message (content )?rejected/i),
  },
  { kind: 'temporary', when: s => s.status('4') || s.class === 4 },
  { kind: 'senderAddress', when: s => beforeRecipient(s) && s.class === 5, isUnsure: true },
  { kind: 'policy', when: s => s.status('5.7'), isUnsure: true },
  { kind: 'recipient', when: s => s.phase === 'rcpt' && s.class === 5, isUnsure: true },
]

const rules: Rule[] = [...network, ...signIn, ...identity, ...limits, ...reputation, ...recipient, ...remaining]
