import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { requireActor } from '@/app/_auth/require-actor'
import { sentenceOf } from '@/app/_forms/say-refusal'
import { PageHead } from '@/app/_ui/sheet'
import { Notice } from '@/app/_ui/state'
import { getDb } from '@/db/client'
import { listPausedAccounts } from '@/lib/account/account-health'
import { listUsedUpAccounts } from '@/lib/account/usage'
import { isAdmin } from '@/lib/actor/actor'
import { listCards } from '@/lib/card/card'
import { mendContexts } from '@/lib/diagnosis/mend-context'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { listMessages, type MessageRow } from '@/lib/message/message'
import { OutboxFilters } from './outbox-filters'
import { OutboxList } from './outbox-list'
import { outboxHref, parseQuery } from './outbox-query'
import type { OutboxRow } from './outbox-row'
import { OutboxTabs } from './outbox-tabs'
import { PausedAccounts } from './paused-accounts'
import { UsedUpAccounts } from './used-up-accounts'

type OutboxPageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const pageSize = 50

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('outbox'))('title') }
}

export default async function OutboxPage({ searchParams }: OutboxPageProps) {
  const actor = await requireActor()
  const db = getDb()
  const filters = parseQuery(await searchParams)
  const { state, q, code, days, before } = filters
  const admin = isAdmin(actor)
  const [t, list, paused, usedUp, cards] = await Promise.all([
    getTranslations('outbox'),
    listMessages(db, actor, { state, search: q, code: code || undefined, days: days && Number(days), before, limit: pageSize }).catch(nullIfTooMany),
    listPausedAccounts(db, actor),
    listUsedUpAccounts(db, actor),
    admin ? listCards(db, actor) : [],
  ])
  return (
    <>
      <PageHead title={t('title')}>{t(admin ? 'lead' : 'leadOwn')}</PageHead>
      <PausedAccounts accounts={paused} ownCode={actor.code} mends={await mendContexts(db, actor, paused)} />
      <UsedUpAccounts accounts={usedUp} />
      <div className="list">
        {list ? <OutboxTabs filters={filters} counts={list.counts} areLeast={list.areCountsLeast} /> : null}
        <OutboxFilters filters={filters} codes={cards.map(card => card.code)} />
        {list ? (
          <OutboxList
            key={outboxHref(filters, { before })} // what was picked and done belongs to the list it was picked from
            rows={list.rows.map(rowOf)}
            filters={filters}
            total={list.counts[state ?? 'all']}
            isTotalLeast={list.areCountsLeast}
            nextBefore={list.nextBefore}
          />
        ) : (
          <Notice tone="attention" live>
            <p>{await sentenceOf('tooManySearches', { minutes: 1 })}</p>
          </Notice>
        )}
      </div>
    </>
  )
}

const rowOf = ({ host, ...row }: MessageRow): OutboxRow => ({
  ...row,
  through: row.kind === 'test' ? '' : host === env.platform.relay.host ? env.platform.name : host,
})

function nullIfTooMany(error: unknown): null {
  if (error instanceof Refusal && error.code === 'tooManyRequests') return null
  throw error
}
