import { useFormatter, useTranslations } from 'next-intl'
import type { Phase } from '@/db/schema'
import type { ConversationStep, Reply } from '@/lib/transport/conversation'

type Words = { t: ReturnType<typeof useTranslations<'conversation'>>; format: ReturnType<typeof useFormatter> }

/** What a step comes to, in one line of words. */
export function useStepWords() {
  return stepWords({ t: useTranslations('conversation'), format: useFormatter() })
}

/** The same outside of components. */
export function stepWords({ t, format }: Words): (step: ConversationStep) => string {
  const size = (bytes: number) => sizeWords(bytes, format.number)

  function doneLine({ phase, facts }: ConversationStep): string {
    const { host, addresses, port, address, protocol, certificate, maxBytes, username, envelopeSender, recipient, sizeBytes, reply } = facts
    if (phase === 'dns') return t('line.dns', { host: host ?? '', addresses: (addresses ?? (address ? [address] : [])).join(', ') })
    if (phase === 'connect') return t('line.connect', { port: String(port ?? ''), address: address ?? host ?? '' })
    if (phase === 'tls')
      return certificate
        ? t('line.tls', { protocol: protocolName(protocol), subject: certificate.subject, date: format.dateTime(new Date(certificate.validTo), 'dayOfYear') })
        : t('line.tlsPlain', { protocol: protocolName(protocol) })
    if (phase === 'ehlo') return maxBytes ? t('line.ehlo', { size: size(maxBytes) }) : t('line.ehloPlain')
    if (phase === 'auth') return t('line.auth', { username: username ?? '' })
    if (phase === 'data') return sizeBytes ? t('line.data', { size: size(sizeBytes) }) : t('line.dataPlain')
    if (phase === 'reply') return reply ? t('line.reply', { reply: replyWords(reply) }) : t('line.replyPlain')
    const accepted = phase === 'mail' ? envelopeSender : recipient
    return accepted ? t('line.accepted', { address: accepted }) : t('line.acceptedPlain')
  }

  function failedLine({ phase, facts }: ConversationStep): string {
    const { reply, errorCode } = facts
    const hasRefused = reply !== undefined && reply.code >= 400
    const unanswered = hasRefused || beforeTalk.has(phase) ? undefined : unansweredBy[errorCode ?? '']
    if (unanswered) return t(`unanswered.${unanswered}`)
    const line = t(`failed.${phase}`, { host: facts.host ?? facts.address ?? '' })
    return hasRefused ? t('failed.withReply', { line, reply: codeWords(reply) }) : line
  }

  return (step: ConversationStep) => (step.state === 'running' ? t('line.running') : step.state === 'failed' ? failedLine(step) : doneLine(step))
}

/** Here a server has not been asked anything yet, so their lines blame it for nothing. */
const beforeTalk = new Set<Phase>(['dns', 'connect', 'tls'])

/** What ended a step before the server had judged it, by our own words for it (`lib/transport/failure`, `run-test-send`). */
const unansweredBy: Record<string, 'connectionLost' | 'timeout' | 'authNotOffered' | 'tooLarge' | 'keyMissing' | 'microsoft'> = {
  connectionLost: 'connectionLost',
  protocol: 'connectionLost',
  timeout: 'timeout',
  deadline: 'timeout',
  authNotOffered: 'authNotOffered',
  tooLarge: 'tooLarge',
  keyMissing: 'keyMissing',
  consentNeeded: 'microsoft',
  microsoftUnavailable: 'microsoft',
  microsoftMisconfigured: 'microsoft',
}

/** `534 5.7.9` */
export const codeWords = ({ code, enhancedStatus }: Pick<Reply, 'code' | 'enhancedStatus'>) => [code, enhancedStatus].filter(Boolean).join(' ')

/** What was said in one line, code first. */
export const replyLine = (reply: Reply) => [codeWords(reply), reply.text.replaceAll('\n', ' ')].filter(Boolean).join(' ')

const replyWords = (reply: Reply) => cutAtWord(replyLine(reply), 120)

/** At most so many characters, ended at a word; what was cut shows as `…`. */
export function cutAtWord(text: string, most: number): string {
  if (text.length <= most) return text
  const start = text.slice(0, most)
  const lastBlank = start.lastIndexOf(' ')
  const kept = lastBlank > most / 2 ? start.slice(0, lastBlank) : start.slice(0, -1)
  return `${kept.replace(/[\s.,:;(\ud800-\udbff]+$/u, '')}…`
}

const protocolName = (protocol: string | undefined) => (protocol ?? 'TLS').replace(/^TLSv/, 'TLS ')

/** `4,2 kB`, `35 MB`, in the reader's numbers. */
export function sizeWords(bytes: number, number: ReturnType<typeof useFormatter>['number']): string {
  const [amount, unit] = bytes >= 1_000_000 ? [bytes / 1_000_000, 'MB'] : bytes >= 1000 ? [bytes / 1000, 'kB'] : [bytes, 'B']
  return `${number(amount, { maximumFractionDigits: amount < 10 ? 1 : 0 })} ${unit}`
}

/** `86 ms`, `2,4 s`, in the reader's numbers. */
export const durationWords = (ms: number, number: ReturnType<typeof useFormatter>['number']) =>
  ms < 1000 ? `${number(Math.round(ms))} ms` : `${number(ms / 1000, 'seconds')} s`
