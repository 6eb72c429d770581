import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { findCurrentActor } from '@/app/_auth/require-actor'
import { getDb } from '@/db/client'
import { getMode } from '@/lib/installation/installation'
import { Icon } from './icon'

/** Under the top edge of every page while nothing leaves this machine. */
export async function SandboxBar() {
  const actor = await findCurrentActor() // reads a cookie first: never rendered while building
  if ((await getMode(getDb())) !== 'sandbox') return null
  const t = await getTranslations('frame')
  return (
    <aside className="bar" aria-label={t('sandbox')}>
      <Icon name="info" />
      <p>
        <b>{t('sandbox')}.</b> {t('sandboxMeans')}
        {actor ? (
          <>
            {' '}
            <Link href="/sandbox">{t('sandboxSee')}</Link>
          </>
        ) : null}
      </p>
    </aside>
  )
}
