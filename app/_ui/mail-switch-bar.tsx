import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { findCurrentActor } from '@/app/_auth/require-actor'
import { getDb } from '@/db/client'
import { isAdmin } from '@/lib/actor/actor'
import { getMailSwitch } from '@/lib/tenant/mail-switch'
import { Icon } from './icon'
import { RelativeTime } from './relative-time'

/** Under the top edge of every page while an admin holds or redirects all of the company's mail. */
export async function MailSwitchBar() {
  const actor = await findCurrentActor() // reads a cookie first: never rendered while building
  const { heldAt, redirectTo, redirectUntil } = actor ? await getMailSwitch(getDb(), actor) : { heldAt: null, redirectTo: null, redirectUntil: null }
  if (!actor || (!heldAt && !redirectTo)) return null
  const t = await getTranslations('mailSwitch.bar')
  const change = isAdmin(actor) ? <Link href="/settings/company">{t('settings')}</Link> : null
  return (
    <>
      {heldAt ? (
        <aside className="bar" aria-label={t('held')}>
          <Icon name="attention" />
          <p>
            <b>{t('held')}</b> {t.rich('heldMeans', { when: () => <RelativeTime at={heldAt} /> })} {change}
          </p>
        </aside>
      ) : null}
      {redirectTo && redirectUntil ? (
        <aside className="bar" aria-label={t('redirected')}>
          <Icon name="attention" />
          <p>
            <b>{t('redirected')}</b> {t.rich('redirectedMeans', { address: redirectTo, when: () => <RelativeTime at={redirectUntil} /> })} {change}
          </p>
        </aside>
      ) : null}
    </>
  )
}
