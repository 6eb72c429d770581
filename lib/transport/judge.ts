import type { Reply } from './conversation'
import type { Ending, Outcome, Verdict } from './submission'

/**
 * What an ending means, by the phase it came in and the reply: the one place where mail's fate is decided.
 * A login or an encryption that fails is the account's fault and keeps the mail; a 5yz to a recipient is that
 * recipient's; 4yz and the network wait; an answer lost after the end of the data is unknown.
 */
export function judge(ending: Ending): Verdict {
  const all = (outcome: Outcome) =>
    ending.recipients.map(({ address, reply }) => ({ address, outcome: ownOutcome(reply) ?? outcome, reply: ownOutcome(reply) ? reply : ending.reply }))
  const verdict = (outcome: Outcome, blame: Verdict['blame'], pauseReason: Verdict['pauseReason'] = null): Verdict => ({
    outcome,
    blame,
    pauseReason,
    recipients: all(outcome),
  })
  const { phase, reply, errorCode } = ending

  if (phase === 'reply' && kind(reply) === 2) return accepted(ending)
  if (ending.dataEnded && kind(reply) !== 4 && kind(reply) !== 5) return verdict('unknown', 'server')
  if (errorCode === 'consentNeeded') return verdict('waiting', 'account', 'consentNeeded')
  if (errorCode === 'authNotOffered') return verdict('waiting', 'account', 'loginRefused')
  if (errorCode === 'tooLarge') return verdict('refused', 'message')
  if (phase === 'tls') return encryptionFailed(ending) ? verdict('waiting', 'account', 'tlsFailed') : verdict('waiting', 'server')
  if (phase === 'auth') return kind(reply) === 5 ? verdict('waiting', 'account', 'loginRefused') : verdict('waiting', 'server')
  if (phase === 'mail' && wantsLogin(reply)) return verdict('waiting', 'account', 'loginRefused')
  if (phase === 'rcpt' && reply) return ofRecipients(ending)
  if (phase === 'mail' || phase === 'data' || phase === 'reply') {
    if (kind(reply) === 5) return verdict('refused', 'message')
    if (kind(reply) === 4 && reply?.code !== 421) return verdict('waiting', 'message')
  }
  return verdict('waiting', 'server')
}

const kind = (reply: Reply | null) => (reply ? Math.floor(reply.code / 100) : null)

/** A recipient refused or put off before the data was not handed the message, whatever became of the others. */
function ownOutcome(reply: Reply | null): Outcome | null {
  if (kind(reply) === 5) return 'refused'
  return kind(reply) === 4 ? 'waiting' : null
}

function accepted(ending: Ending): Verdict {
  const recipients = ending.recipients.map(({ address, reply }) => {
    const outcome = ownOutcome(reply) ?? 'accepted'
    return { address, outcome, reply: outcome === 'accepted' ? ending.reply : reply }
  })
  const isWhole = recipients.every(({ outcome }) => outcome === 'accepted')
  return { outcome: 'accepted', blame: isWhole ? 'nobody' : 'recipient', pauseReason: null, recipients }
}

function ofRecipients(ending: Ending): Verdict {
  const recipients = ending.recipients.map(({ address, reply }) => ({ address, outcome: ownOutcome(reply) ?? 'waiting', reply }))
  const outcome = recipients.every(recipient => recipient.outcome === 'refused') ? 'refused' : 'waiting'
  return { outcome, blame: ending.reply?.code === 421 ? 'server' : 'recipient', pauseReason: null, recipients }
}

/** 530 and 535 where the sender was named: the server wants a login that it was not given. */
const wantsLogin = (reply: Reply | null) => reply?.code === 530 || reply?.code === 535

/** A server that will not or cannot encrypt as agreed, as opposed to a network that broke meanwhile. */
const encryptionFailed = ({ reply, errorCode }: Ending) =>
  kind(reply) === 5 ||
  (!!errorCode && ['certificateName', 'certificateExpired', 'certificateUntrusted', 'tlsProtocol', 'starttlsNotOffered'].includes(errorCode))
