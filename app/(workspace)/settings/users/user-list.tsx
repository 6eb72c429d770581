import { useTranslations } from 'next-intl'
import { ButtonLink } from '@/app/_ui/button'
import { Icon } from '@/app/_ui/icon'
import { EmptyState } from '@/app/_ui/sheet'
import { Status, Tag } from '@/app/_ui/state'
import { HeadCell, ListFoot, MainLink, Table } from '@/app/_ui/table'
import type { CardRow } from '@/lib/card/card'
import { useSenderName } from '../../_route/use-sender-name'

type UserListProps = { cards: CardRow[]; search: string; platform: string; baseCode: string | null }

/** The cards of the company, with a search that lives in the address bar. */
export function UserList({ cards, search, platform, baseCode }: UserListProps) {
  const t = useTranslations('users')
  const head = (
    <tr>
      <HeadCell className="subject pl-4">{t('column.user')}</HeadCell>
      <HeadCell>{t('column.sender')}</HeadCell>
      <HeadCell className="role">{t('column.role')}</HeadCell>
    </tr>
  )
  return (
    <div className="list">
      <search>
        <form className="filters" action="/settings/users">
          <span className="find">
            <Icon name="search" />
            <input
              className="input small"
              type="search"
              name="q"
              key={search}
              defaultValue={search}
              placeholder={t('searchPlaceholder')}
              aria-label={t('search')}
            />
          </span>
          <button type="submit" className="button small">
            {t('find')}
          </button>
          {search ? (
            <ButtonLink look="plain" small href="/settings/users">
              {t('clear')}
            </ButtonLink>
          ) : null}
        </form>
      </search>
      <div className="sheet">
        {cards.length === 0 ? (
          <EmptyState title={t('none')}>{t('noneText', { search })}</EmptyState>
        ) : (
          <>
            <Table caption={t('title')} head={head}>
              {cards.map(card => (
                <UserRow key={card.code} card={card} platform={platform} baseCode={baseCode} />
              ))}
            </Table>
            <ListFoot count={t('count', { count: cards.length })} />
          </>
        )}
      </div>
    </div>
  )
}

function UserRow({ card, platform, baseCode }: { card: CardRow; platform: string; baseCode: string | null }) {
  const t = useTranslations('users')
  const name = useSenderName(platform)
  return (
    <tr className="max-[600px]:grid-cols-[0_minmax(0,1fr)_auto]">
      <td className="subject min-[601px]:pl-4">
        <MainLink href={`/settings/users/${encodeURIComponent(card.code)}`}>
          {card.code} <span className="then">{card.name}</span>
        </MainLink>
        <span className="under mono">{card.email ?? t('noEmail')}</span>
      </td>
      <td className="what">
        {name(card.choice, card.isBase ? null : baseCode)} {card.isBase ? <Tag>{t('base')}</Tag> : null}
        {card.isActive ? null : <Status tone="attention">{t('inactive')}</Status>}
        {card.isActive && card.email && !card.isEmailConfirmed ? <Status tone="attention">{t('unconfirmed')}</Status> : null}
      </td>
      <td className="role min-[601px]:pr-4">{t(`role.${card.role}`)}</td>
    </tr>
  )
}
