import { getFormatter, getLocale, getTranslations } from 'next-intl/server'
import { Notice } from '@/app/_ui/state'
import { env } from '@/lib/env'
import { linkTo, marks } from '../guide-text'

/** Until when Microsoft takes passwords: dates and their source are the platform profile's. */
export async function PasswordNotice() {
  const t = await getTranslations('helpMicrosoft.passwords')
  const format = await getFormatter()
  const { date, offByDefaultFrom, finalDateAnnounced, guideDate, source, text } = env.platform.microsoftPasswordNotice
  const day = (text: string) => format.dateTime(new Date(`${text}T12:00:00Z`), 'dayOfYear')
  const [year = '', half = ''] = finalDateAnnounced.split('-')
  const month = format.dateTime(new Date(`${guideDate}-15T12:00:00Z`), { month: 'long', year: 'numeric' })
  const own = text?.[(await getLocale()) as keyof typeof text]
  const tCard = await getTranslations('card.microsoft')
  if (own)
    return (
      <Notice tone="attention">
        <p>
          {own} <a href={source}>{tCard('noticeSource')}</a>
        </p>
        <p className="mt-2">{t('move')}</p>
      </Notice>
    )
  return (
    <Notice tone="attention">
      <p>{t.rich('dated', { ...marks, ...linkTo(source), date: day(date), offFrom: day(offByDefaultFrom), year, half, guideMonth: month })}</p>
      <p className="mt-2">{t('move')}</p>
    </Notice>
  )
}
