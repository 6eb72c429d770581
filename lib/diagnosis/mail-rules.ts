import type { Rule, Seen } from './rule'

const beforeRecipient = (seen: Seen) => seen.phase === 'mail' || seen.phase === 'auth'

/** Whom the server lets this account, or this machine, be. */
const identityRules: Rule[] = [
  {
    kind: 'senderAuthentication',
    when: s =>
      s.says(
        /\[?\bSPF\]?.*(not allowed|fail|not permitted|does not designate)|pass (either )?(SPF|DMARC|DKIM)|does not pass DMARC|DMARC (policy|verification|check)|unauthenticated email|fails? (to pass )?(SPF|DKIM|DMARC)|not authorized by SPF/i,
      ) || s.status('5.7.26', '4.7.26', '5.7.509', '5.7.23'),
  },
  {
    kind: 'senderAddress',
    when: s =>
      s.says(
        /permissions? to send (as|on behalf)|SendAsDenied|same as authori[sz]ation user|sender address (rejected: not (owned|logged)|mismatch|must match)|(must|does not|doesn't|should) match (the )?(authenticated|auth|login|a verified)|not (allowed|authori[sz]ed|permitted) to (use|send) (this |mail |e-?mail )?(from|as|sender)|from (this|header|another) (header )?address (is )?not|from address is not (one of )?your|not associated with your account|not owned by user|relaying disallowed as|emetteur invalide|sender rejected$|invalid sender\b|nieautoryzowany nadawca|nadawc\w+ (nie|niezgodn)/i,
      ) || s.status('5.7.60', '5.2.252'),
  },
  {
    kind: 'senderAddress',
    when: s =>
      s.says(/sender address rejected: domain (of sender address )?(not found|does not)|sender verify failed|sender domain .*(not (exist|found)|must exist)/i),
  },
  { kind: 'providerSetting', when: s => s.says(/^MessageRejected: Email address is not verified/i) },
  { kind: 'senderAddress', when: s => s.says(/(address|sender|domain|identit\w+) \S{0,80} ?is not verified|is not verified/i) && !s.says(/reverse|PTR/i) },
  { kind: 'helo', retry: 'later', when: s => s.class === 4 && (s.phase === 'ehlo' || s.says(/\((EHLO|HELO)\)/)) },
  { kind: 'helo', when: s => s.says(/helo command rejected|need fully-qualified hostname|(invalid|bad|forged) (helo|ehlo)|\((EHLO|HELO)\)|helo name/i) },
  { kind: 'accountBlocked', when: s => s.status('5.1.8') },
  { kind: 'policy', when: s => s.says(/tenant has exceeded/i) && !s.says(/daily/i) },
]

const limitRules: Rule[] = [
  {
    kind: 'content',
    when: s => s.status('5.3.4', '5.2.3') || s.says(/message size|(message|mail) (is )?too (large|big|long)|size (exceeds|limit)|message exceeded/i),
  },
  { kind: 'ipReputation', when: s => s.says(/unusual rate of (unsolicited )?(e-?)?mail originating/i) },
  { kind: 'rateLimit', when: s => s.says(/sending (quota|limit)|daily \S* ?(quota|limit)|(quota|limit) .{0,20}per (day|hour)/i) },
  {
    kind: 'mailboxFull',
    when: s =>
      s.says(
        /out of storage|over ?quota|mailbox (\S+ )?(is )?(over|full|exceed)|quota exceeded (for|\()|exceeded storage|(mailbox|user|recipient)('s)? .{0,30}(quota|storage)|insufficient (mailbox )?storage in|skrzynka .*(pełna|przepełnion)|postfach .*voll|bo[iî]te .*pleine/i,
      ) || s.status('5.2.2', '4.2.2'),
  },
  {
    kind: 'rateLimit',
    when: s =>
      s.says(
        /quota ?exceeded|sending (quota|limit)|(exceed|reach|over)\w* (\w+\W+){0,6}?(sending|rate|hour|hourly|daily|per day|per hour|max(imum)? (e-?mails|messages|recipients|defers)|limit)\b|too many (messages|connections|concurrent|emails|mails)|at a rate that|rate.?limit|slow(ing)? down|throttl|przekro\w+ (\w+ )?(limit|liczb)|zbyt (wiele|dużo) (wiadomości|połączeń)|trop de connexions/i,
      ) && !s.says(/recipient's per hour|size limit|limit on size/i),
  },
  { kind: 'rateLimit', when: s => s.status('5.4.5', '4.7.28', '5.7.28', '4.3.2', '5.1.90') },
  // a provider's shorthand for "too much": nothing in it speaks of the message
  { kind: 'rateLimit', when: s => s.says(/^\S*\s*5\.1\.0 \S+ policy violation/i) || (s.status('5.1.0') && s.says(/policy violation/i)) },
]

const reputationRules: Rule[] = [
  {
    kind: 'content',
    when: s =>
      s.says(
        /sender address .*blocked using|dbl\.spamhaus|spamhaus dbl|likely (unsolicited|suspicious|spam)|flagged as spam|spam message rejected|classified as spam|considered (as )?spam|BLOCK-SEND-ER|detected that this message|messages? from \[[\d.]+\] w|content presents/i,
      ),
  },
  { kind: 'ipReputation', retry: 'user', when: s => s.says(/unauthenticated mail not allowed from this range/i) },
  {
    kind: 'ipReputation',
    when: s =>
      s.says(
        /spamhaus|sorbs|barracuda(central|networks| reputation)|spamcop|dnsbl|\brbl\b|rbl\+|drbl|black ?list|block ?list|poor reputation|bad reputation|reputation|Client host .*blocked|\bIP\b.*(blocked|listed|banned|refused)|not allowed from this range|from this IP|Zodiac|your (IP|host)|blocked using|temporarily deferred due to/i,
      ),
  },
  { kind: 'ipReputation', when: s => s.says(/\bbad IP\b|not allowed to connect|ipcheck|access to submit messages|banned sender\s?\[\d|no smtp service/i) },
  {
    kind: 'ipReputation',
    when: s =>
      s.says(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b.*(block|reject|denied|problem|refus|abus)/i) && s.phase !== 'rcpt' && s.class === 5 && !s.says(/said:/i),
  },
]

const recipientRules: Rule[] = [
  // without a login, with one that may not, or at the wrong server: the words are the same
  {
    kind: 'relayOrIp',
    when: s =>
      s.says(
        /unable to relay|relay(ing)? (access )?(denied|prohibited|not (permitted|allowed))|do(es)? not relay|allowed rcpthosts|not a relay|relay not permitted|mail relay denied/i,
      ) || s.status('5.7.64', '5.7.54'),
    isUnsure: true,
  },
  {
    kind: 'policy',
    when: s =>
      s.says(
        /banned|rejected by recipient|anti-spoofing|not authorized|sender (was )?not authenticated|does not accept email over|reverse DNS|PTR|badmailfrom/i,
      ) || s.status('5.7.504', '5.7.133', '5.7.13', '5.7.135', '5.7.136'),
  },
  { kind: 'other', retry: 'later', when: s => s.says(/too many invalid recipients/i), isUnsure: true },
  { kind: 'other', when: s => s.says(/routing loop|mail loop|too many hops|recipient's per hour|journaling/i) || s.status('5.0.350', '5.4.6') },
  // the text that RFC 5321 gives to 450 and 550: a server that says no more has not said why
  {
    kind: 'recipient',
    when: s => s.says(/(^|\d[ -]|: )requested (mail )?action not taken: mailbox unavailable\W*$/i),
    isUnsure: true,
  },
  {
    kind: 'recipient',
    when: s =>
      s.status('5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.4.1', '5.2.1', '5.0.1', '5.1.351') ||
      s.says(
        /unknown user|user (\S+ )?(unknown|not found|does not exist|doesn't)|no such (user|recipient|mailbox|person|address|account)|no mailbox here|invalid (mailbox|recipient|address)|not a valid recipient|recipient (unknown|not found|address rejected)|mailbox (\S+ )?(not (found|available)|unavailable|is disabled)|doe?sn'?t exist|does not exist|account not found|local mailbox|unrouteable address|nie ma takie|nie istnieje|nieznany (użytkownik|odbiorca|adres)|destinataire (inconnu|invalide)|unbekannter empf/i,
      ),
  },
]

const remainingRules: Rule[] = [
  {
    kind: 'content',
    when: s =>
      s.status('5.6') || s.says(/policy restrictions|\bspam\b|virus|malware|phish|attachment (type )?not allowed|message (content )?rejected|headers? fail/i),
  },
  { kind: 'temporary', when: s => s.status('4') || s.class === 4 },
  { kind: 'senderAddress', when: s => beforeRecipient(s) && s.class === 5, isUnsure: true },
  { kind: 'policy', when: s => s.status('5.7'), isUnsure: true },
  { kind: 'recipient', when: s => s.phase === 'rcpt' && s.class === 5, isUnsure: true },
]

/** From the sender to the final reply, the more particular first. */
export const mailRules: Rule[] = [...identityRules, ...limitRules, ...reputationRules, ...recipientRules, ...remainingRules]
