import type { Reply } from '@/lib/transport/conversation'

/** The time a quota is of, and how much it allows where the server says so. */
type Quota = { per: 'hour' | 'day'; count: number | null }

const aDay = /\b24[ -]?(h\b|hours?|godzin\w*|tun\w+|stunden|heures)/gi // and not an hour
const ofHour = /\bhourly\b|\bhour (limit|quota|rate)|\bper (hour|60 min)|\d ?\/ ?h(our)?\b|godzin|\btunni|pro stunde|par heure/i
const ofDay = /\bdaily\b|\bper day\b|\bdzie(nn|ń)|\bdob[aęyo]|päev|täglich|pro tag|par jour|quotidien/i

/**
 * 5.4.5 is Google's for "Daily user sending limit exceeded" (https://support.google.com/a/answer/3726730), 5.1.90 and
 * SubmissionQuotaExceeded are Exchange Online's for the recipients of a day
 * (https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online,
 * https://learn.microsoft.com/en-us/exchange/troubleshoot/send-emails/smtp-submission-improvements).
 */
const dailyStatuses = ['5.4.5', '5.1.90']
const dailyWords = /SubmissionQuotaExceeded/i

/** The quota that a refusal speaks of; null where it names no time, or two. */
export function quotaOf({ enhancedStatus, text }: Pick<Reply, 'enhancedStatus' | 'text'>): Quota | null {
  const words = text.replace(aDay, 'daily')
  const [isOfHour, isOfDay] = [ofHour.test(words), ofDay.test(words)]
  if (isOfHour && isOfDay) return null
  if (isOfHour) return { per: 'hour', count: countIn(words) }
  const isDaily = isOfDay || dailyWords.test(words) || dailyStatuses.includes(enhancedStatus ?? '')
  return isDaily ? { per: 'day', count: countIn(words) } : null
}

/** `200/200`, used up, and neither a date nor `24/7`; `50 messages per hour`, `300 rcpts per 24 hours`, `2,500 messages per day`. */
function countIn(words: string): number | null {
  const [, used = 0, most = 0] = (/(?<![\d/.])(\d{1,6}) ?\/ ?(\d{1,6})(?![\d/.])/.exec(words) ?? []).map(Number)
  const [, named = ''] = /(?<![\d.,])(\d{1,3}(?:[ .,]\d{3})+|\d{1,6}) [\p{L}-]+ per (?:hour|day|daily|60 min)/iu.exec(words) ?? []
  const isUsedUp = used >= most && used <= most * 1.1 && most > 12
  return Number(named.replace(/\D/g, '')) || (isUsedUp ? most : null)
}
