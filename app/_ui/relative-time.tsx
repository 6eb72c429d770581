import { useFormatter, useNow, useTimeZone, useTranslations } from 'next-intl'

/**
 * When something was or will be: *today 10:42*, *yesterday 9:14*, *3 May 14:20*; the exact moment on hover.
 * `short` is for the last column of a list: today's time, else the day.
 */
export function RelativeTime({ at, short = false }: { at: Date | string; short?: boolean }) {
  const t = useTranslations('state')
  const format = useFormatter()
  const now = useNow()
  const timeZone = useTimeZone()
  const instant = new Date(at)
  const daysAway = Math.round((dayOf(instant, timeZone) - dayOf(now, timeZone)) / 86_400_000)
  const time = format.dateTime(instant, 'time')
  const isThisYear = format.dateTime(instant, { year: 'numeric' }) === format.dateTime(now, { year: 'numeric' })
  const day = format.dateTime(instant, short ? 'dayShort' : isThisYear ? 'day' : 'dayOfYear')
  const near = ({ '-1': 'yesterdayAt', '0': 'todayAt', '1': 'tomorrowAt' } as const)[String(daysAway)]
  const words = short ? (daysAway === 0 ? time : day) : near ? t(near, { time }) : t('dayAt', { day, time })
  return (
    <time dateTime={instant.toISOString()} title={format.dateTime(instant, 'exact')} className="nowrap">
      {words}
    </time>
  )
}

function dayOf(instant: Date, timeZone: string | undefined): number {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(instant)
  return Date.parse(`${parts}T00:00:00Z`)
}
