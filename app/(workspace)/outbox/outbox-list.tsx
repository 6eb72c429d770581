'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { useFormAction } from '@/app/_forms/use-form-action'
import { ButtonLink, SubmitButton } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { Icon } from '@/app/_ui/icon'
import { EmptyState } from '@/app/_ui/sheet'
import { HeadCell, ListFoot, Table } from '@/app/_ui/table'
import { actOnMany } from './actions'
import { countText } from './count-text'
import { type OutboxQuery, outboxHref } from './outbox-query'
import { MessageTableRow, type OutboxRow } from './outbox-row'

type OutboxListProps = { rows: OutboxRow[]; filters: OutboxQuery; total: number; isTotalLeast: boolean; nextBefore: string | null }

/** The list, what can be done with what is picked, and the way to older messages. */
export function OutboxList({ rows, filters, total, isTotalLeast, nextBefore }: OutboxListProps) {
  const t = useTranslations('outbox')
  const format = useFormatter()
  const [state, act] = useFormAction(actOnMany)
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [seen, setSeen] = useState(state.savedAt)
  if (state.savedAt !== seen) {
    setSeen(state.savedAt)
    setPicked(new Set())
  }
  const ids = rows.map(row => row.id).filter(id => picked.has(id))
  const pick = (id: string, isPicked: boolean) => setPicked(picked => new Set(isPicked ? [...picked, id] : [...picked].filter(one => one !== id)))
  if (rows.length === 0)
    return (
      <>
        <FormOutcome state={state} />
        <NoRows filters={filters} />
      </>
    )
  const tickAll = (
    <th className="pick">
      <label className="pick-all">
        <input
          className="tick"
          type="checkbox"
          checked={ids.length === rows.length}
          ref={box => {
            if (box) box.indeterminate = ids.length > 0 && ids.length < rows.length
          }}
          onChange={event => setPicked(new Set(event.target.checked ? rows.map(row => row.id) : []))}
        />
        <span className="unseen">{t('selectAll')}</span>
      </label>
    </th>
  )
  const head =
    ids.length > 0 ? (
      <tr className="bulk-row">
        {tickAll}
        <th className="bulk" colSpan={4}>
          <div className="bulk-line">
            <b aria-live="polite">{t('selected', { count: ids.length })}</b>
            <BulkButtons mayLeave={rows.some(row => row.mayLeave && picked.has(row.id))} />
          </div>
        </th>
      </tr>
    ) : (
      <tr className="h-12">
        {tickAll}
        <HeadCell className="subject">{t('column.message')}</HeadCell>
        <HeadCell>{t('column.state')}</HeadCell>
        <HeadCell className="code">{t('column.user')}</HeadCell>
        <HeadCell className="when">{t('column.when')}</HeadCell>
      </tr>
    )
  return (
    <form action={act}>
      <FormOutcome state={state} />
      <div className={state.status === 'idle' ? 'sheet' : 'sheet mt-4'}>
        <noscript>
          <div className="section-foot">
            <BulkButtons mayLeave={rows.some(row => row.mayLeave)} />
          </div>
        </noscript>
        <Table caption={t('title')} head={head}>
          {rows.map(row => (
            <MessageTableRow key={row.id} row={row} filters={filters} isPicked={picked.has(row.id)} onPick={isPicked => pick(row.id, isPicked)} />
          ))}
        </Table>
        <ListFoot count={t('shown', { shown: format.number(rows.length), total: countText(total, isTotalLeast, format.number) })}>
          <span className="actions">
            {filters.before ? (
              <ButtonLink look="plain" small href={outboxHref(filters, {})}>
                {t('newest')}
              </ButtonLink>
            ) : null}
            {nextBefore ? (
              <ButtonLink look="plain" small href={outboxHref(filters, { before: nextBefore })}>
                {t('older')} <Icon name="right" />
              </ButtonLink>
            ) : null}
          </span>
        </ListFoot>
      </div>
    </form>
  )
}

/** Leaving as it is is offered where the outcome of something is unknown. */
function BulkButtons({ mayLeave }: { mayLeave: boolean }) {
  const t = useTranslations('outbox')
  return (
    <>
      <SubmitButton small name="intent" value="retry">
        {t('retry')}
      </SubmitButton>
      {mayLeave ? (
        <SubmitButton small name="intent" value="leave">
          {t('leave')}
        </SubmitButton>
      ) : null}
      <SubmitButton small look="danger" name="intent" value="cancel">
        {t('cancel')}
      </SubmitButton>
    </>
  )
}

function NoRows({ filters }: { filters: OutboxQuery }) {
  const t = useTranslations('outbox')
  const isFiltered = Boolean(filters.state || filters.q || filters.code || filters.days || filters.before)
  const words = isFiltered ? 'nothing' : 'empty'
  return (
    <div className="sheet">
      <EmptyState title={t(`${words}.title`)} actions={<ButtonLink href={isFiltered ? '/outbox' : '/test-send'}>{t(`${words}.button`)}</ButtonLink>}>
        {t(`${words}.text`)}
      </EmptyState>
    </div>
  )
}
