'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { EmptyState } from '@/app/_ui/sheet'
import { Status } from '@/app/_ui/state'
import { HeadCell, ListFoot, Table } from '@/app/_ui/table'
import type { ApiKeyView } from '@/lib/api/api-key'
import { revokeApiKey } from './actions'
import { RevokeApiKey } from './revoke-api-key'

type KeyRow = ApiKeyView & { isOver: boolean; isEnding: boolean } // isEnding: soon enough to make another first

/** The company's keys: what each may do, when it was last used, and the way to end it. */
export function ApiKeyList({ keys }: { keys: KeyRow[] }) {
  const t = useTranslations('apiKeys')
  const [state, revoke] = useFormAction(revokeApiKey)
  if (keys.length === 0)
    return (
      <div className="sheet">
        <EmptyState title={t('empty.title')}>{t('empty.text')}</EmptyState>
      </div>
    )
  const head = (
    <tr>
      <HeadCell className="subject pl-4">{t('column.key')}</HeadCell>
      <HeadCell>{t('column.may')}</HeadCell>
      <HeadCell className="when">{t('column.used')}</HeadCell>
    </tr>
  )
  return (
    <div className="stack">
      <FormOutcome state={state} />
      <div className="sheet">
        <Table caption={t('title')} head={head}>
          {keys.map(key => (
            <ApiKeyRow key={key.id} apiKey={key} revoke={revoke} />
          ))}
        </Table>
        <ListFoot count={t('count', { count: keys.length })} />
      </div>
    </div>
  )
}

function ApiKeyRow({ apiKey, revoke }: { apiKey: KeyRow; revoke: (form: FormData) => void }) {
  const t = useTranslations('apiKeys')
  const format = useFormatter()
  const { name, prefix, scope, allCards, codes, allowCidrs, expiresAt, lastUsedAt, revokedAt, isOver, isEnding } = apiKey
  const until = expiresAt ? t('until', { day: format.dateTime(expiresAt, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }) }) : null
  return (
    <tr className="max-[600px]:grid-cols-[0_minmax(0,1fr)_auto]">
      <td className="subject min-[601px]:pl-4">
        <b className="[overflow-wrap:anywhere]">{name}</b>
        <span className="under mono">{prefix}…</span>
      </td>
      <td className="what">
        {t(`scope.${scope}`)}
        <span className="under">{allCards ? t('allUsers') : codes.length > 0 ? codes.join(', ') : t('noUsers')}</span>
        {allowCidrs.length > 0 ? <span className="under mono [overflow-wrap:anywhere]">{allowCidrs.map(shorten).join(', ')}</span> : null}
        {revokedAt ? (
          <Status tone="quiet" icon="cancelled">
            {t('state.revoked')}
          </Status>
        ) : isOver ? (
          <Status tone="attention" icon="expired">
            {t('state.over')}
          </Status>
        ) : isEnding ? (
          <Status tone="attention">{until}</Status>
        ) : until ? (
          <span className="under">{until}</span>
        ) : null}
        {revokedAt ? null : <RevokeApiKey id={apiKey.id} name={name} revoke={revoke} />}
      </td>
      <td className="when pr-4">
        <span className="block min-[601px]:hidden">{t('column.used')}</span>
        {lastUsedAt ? <RelativeTime at={lastUsedAt} short /> : t('never')}
      </td>
    </tr>
  )
}

/** A network of one address is that address. */
const shorten = (range: string) => range.replace(/\/(32|128)$/, (whole, bits) => (bits === '128' || !range.includes(':') ? '' : whole))
