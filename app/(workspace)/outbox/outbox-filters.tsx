'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type ChangeEvent, type SyntheticEvent, useTransition } from 'react'
import { Select } from '@/app/_ui/field'
import { Icon } from '@/app/_ui/icon'
import { Wait } from '@/app/_ui/wait'
import { type OutboxQuery, outboxHref, parseQuery } from './outbox-query'

/** Word, user and period; they live in the address bar. */
export function OutboxFilters({ filters, codes }: { filters: OutboxQuery; codes: string[] }) {
  const t = useTranslations('outbox.filter')
  const router = useRouter()
  const [isPending, startTransition] = useTransition()
  const submit = (event: ChangeEvent<HTMLSelectElement>) => event.currentTarget.form?.requestSubmit()
  const search = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    const wanted = parseQuery(Object.fromEntries(new FormData(event.currentTarget)))
    startTransition(() => router.push(outboxHref(wanted, {}), { scroll: false }))
  }
  return (
    <search>
      <form action="/outbox" className="filters" onSubmit={search} key={JSON.stringify(filters)}>
        {filters.state ? <input type="hidden" name="state" value={filters.state} /> : null}
        <span className="find">
          <Icon name="search" />
          <input className="input small" type="search" name="q" defaultValue={filters.q} placeholder={t('placeholder')} aria-label={t('search')} />
          <Wait isPending={isPending} />
        </span>
        {codes.length > 1 ? (
          <Select small name="code" defaultValue={filters.code} onChange={submit} aria-label={t('user')}>
            <option value="">{t('everyone')}</option>
            {codes.map(code => (
              <option key={code} value={code}>
                {code}
              </option>
            ))}
          </Select>
        ) : null}
        <Select small name="days" defaultValue={filters.days ?? ''} onChange={submit} aria-label={t('period')}>
          <option value="">{t('daysAll')}</option>
          <option value="1">{t('days1')}</option>
          <option value="7">{t('days7')}</option>
          <option value="30">{t('days30')}</option>
        </Select>
        <noscript>
          <button type="submit" className="button small">
            {t('apply')}
          </button>
        </noscript>
      </form>
    </search>
  )
}
