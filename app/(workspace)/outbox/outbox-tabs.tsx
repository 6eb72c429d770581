import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import { LinkWait } from '@/app/_ui/wait'
import type { MessageState } from '@/db/schema'
import { countText } from './count-text'
import { type OutboxQuery, outboxHref } from './outbox-query'

const all = ['all', 'queued', 'sending', 'waiting', 'refused', 'unknown', 'accepted', 'bounced', 'cancelled', 'expired'] as const
const always: (typeof all)[number][] = ['all', 'waiting', 'refused', 'unknown', 'accepted'] // the others where there are any

/** The states with their counts under the same filters. */
export function OutboxTabs({ filters, counts, areLeast }: { filters: OutboxQuery; counts: Record<MessageState | 'all', number>; areLeast: boolean }) {
  const t = useTranslations('outbox.tabs')
  const format = useFormatter()
  const shown = all.filter(state => always.includes(state) || counts[state] > 0 || filters.state === state)
  return (
    <nav className="tabs" aria-label={t('label')}>
      {shown.map(state => {
        const wanted = state === 'all' ? undefined : state
        return (
          <Link key={state} href={outboxHref(filters, { state: wanted })} aria-current={filters.state === wanted ? 'true' : undefined} scroll={false}>
            {t(state)} <span className="count">{countText(counts[state], areLeast, format.number)}</span>
            <LinkWait />
          </Link>
        )
      })}
    </nav>
  )
}
