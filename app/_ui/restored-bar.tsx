import { getTranslations } from 'next-intl/server'
import { findCurrentActor } from '@/app/_auth/require-actor'
import { getDb } from '@/db/client'
import { findHeldAt } from '@/lib/operate/settle-after-restore'
import { Icon } from './icon'
import { RelativeTime } from './relative-time'

/** Under the top edge of every page while nothing is sent, because the operator has restored a backup. */
export async function RestoredBar() {
  const actor = await findCurrentActor() // reads a cookie first: never rendered while building
  const heldAt = actor ? await findHeldAt(getDb()) : null
  if (!heldAt) return null
  const t = await getTranslations('frame')
  return (
    <aside className="bar" aria-label={t('restored')}>
      <Icon name="attention" />
      <p>
        <b>{t('restored')}</b> {t.rich('restoredMeans', { when: () => <RelativeTime at={heldAt} /> })}
      </p>
    </aside>
  )
}
