import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import type { MessageState } from '@/db/schema'
import { countText } from './count-text'
import { type OutboxQuery, outboxHref } from './outbox-query'

const always = ['waiting', 'refused', 'unknown', 'accepted'] as const
const whenThereAre = ['bounced', 'cancelled', 'expired'] as const

/** The states with their counts under the same filters. */
export function OutboxTabs({ filters, counts, areLeast }: { filters: OutboxQuery; counts: Record<MessageState | 'all', number>; areLeast: boolean }) {
  const t = useTranslations('outbox.tabs')
  const format = useFormatter()
  const shown = ['all' as const, ...always, ...whenThereAre.filter(state => counts[state] > 0 || filters.state === state)]
  return (
    <nav className="tabs" aria-label={t('label')}>
      {shown.map(state => {
        const wanted = state === 'all' ? undefined : state
        return (
          <Link key={state} href={outboxHref(filters, { state: wanted })} aria-current={filters.state === wanted ? 'true' : undefined} scroll={false}>
            {t(state)} <span className="count">{countText(counts[state], areLeast, format.number)}</span>
          </Link>
        )
      })}
    </nav>
  )
}
