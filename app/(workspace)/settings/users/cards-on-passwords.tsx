import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { Notice } from '@/app/_ui/state'
import { getDb } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { listCardsOnPasswords } from '@/lib/microsoft365/move-off-password'

/** Who still signs in at Microsoft by password; nothing where nobody does. */
export async function CardsOnPasswords({ actor }: { actor: Actor }) {
  const cards = await listCardsOnPasswords(getDb(), actor)
  if (cards.length === 0) return null
  const t = await getTranslations('microsoftMove.list')
  return (
    <Notice tone="attention">
      <p className="font-semibold">{t('title', { count: cards.length })}</p>
      <p className="mt-1">{t('text')}</p>
      <ul className="bullets mt-2">
        {cards.map(({ code, name, username }) => (
          <li key={code}>
            <Link href={`/settings/users/${encodeURIComponent(code)}`}>{code}</Link> {name}, <span className="mono">{username}</span>
          </li>
        ))}
      </ul>
      <p className="mt-2">
        <Link href="/help/microsoft-365">{t('guide')}</Link>
      </p>
    </Notice>
  )
}
