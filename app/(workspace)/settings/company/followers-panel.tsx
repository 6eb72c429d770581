import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Fragment } from 'react'
import { Panel } from '@/app/_ui/sheet'
import type { CardName, Followers } from '@/lib/sender/followers'
import type { PolicyPreview } from './actions'

const groups = ['followers', 'ownLogin', 'own'] as const
const mostNames = 12

/** Who follows the base user now, and who would after saving. */
export function FollowersPanel({ now, after }: { now: Followers; after: PolicyPreview | null }) {
  const t = useTranslations('company.followers')
  return (
    <>
      <Panel title={`${t('title')}: ${t('now').toLowerCase()}`}>
        <Groups followers={now} />
      </Panel>
      <Panel title={t('after')}>
        {after?.followers ? <Groups followers={after.followers} /> : <p className="hint p-4">{t(after ? 'cannotBeSaved' : 'same')}</p>}
      </Panel>
    </>
  )
}

function Groups({ followers }: { followers: Followers }) {
  const t = useTranslations('company.followers')
  return (
    <dl className="route">
      {groups.map(group => (
        <div key={group}>
          <dt>{t(group)}</dt>
          <dd>
            <Names cards={followers[group]} />
          </dd>
          <dd className="origin">{followers[group].length > 0 ? t('count', { count: followers[group].length }) : null}</dd>
        </div>
      ))}
    </dl>
  )
}

function Names({ cards }: { cards: CardName[] }) {
  const t = useTranslations('company.followers')
  if (cards.length === 0) return <span className="soft">{t('nobody')}</span>
  return (
    <>
      {cards.slice(0, mostNames).map(({ code, name }, position) => (
        <Fragment key={code}>
          {position > 0 ? ', ' : ''}
          <Link href={`/settings/users/${encodeURIComponent(code)}`} title={name}>
            {code}
          </Link>
        </Fragment>
      ))}
      {cards.length > mostNames ? ` ${t('more', { count: cards.length - mostNames })}` : null}
    </>
  )
}
