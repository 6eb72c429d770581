import { getTranslations } from 'next-intl/server'
import { Notice } from '@/app/_ui/state'
import { getDb } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { getMendContext } from '@/lib/diagnosis/mend-context'
import type { Move } from '@/lib/microsoft365/move-off-password'
import type { MicrosoftFacts } from '../_card/card-view'
import { MicrosoftNotice } from '../_card/choice-notices'
import { AdminConsent } from '../_card/microsoft-connection'
import type { findConversation } from '../_conversation/show-conversation'
import { MoveForms } from './move-forms'
import { MoveTest } from './move-test'

type MovePanelProps = {
  actor: Actor
  move: Move | null
  microsoft: MicrosoftFacts
  email: string // to whom the test goes, unless another is typed
  tested: Awaited<ReturnType<typeof findConversation>> // the test that switches; null: none was sent from here
}

/** A card signs in at Microsoft by password: since when that ends, and the way off it, step by step. */
export async function MovePanel({ actor, move, microsoft, email, tested }: MovePanelProps) {
  const t = await getTranslations('microsoftMove')
  if (!move && tested?.view.outcome === 'accepted')
    return (
      <Notice tone="works" live>
        <p className="font-semibold">{t('moved')}</p>
        <p className="mt-1">{t('movedText', { username: tested.route.login?.value.username ?? '' })}</p>
      </Notice>
    )
  if (!move) return null
  const { code, username, obstacle, ownLoginCount } = move
  const { outcome, adminConsent, isConfigured } = microsoft
  return (
    <section className="sheet" aria-labelledby="move-title" id="move">
      <div className="section stack">
        <h2 id="move-title">{t('title')}</h2>
        <p>{t('lead', { username })}</p>
        <MicrosoftNotice notice={microsoft.notice} />
        {outcome && !outcome.isConnected ? (
          <Notice tone="attention" live>
            <p>{outcome.sentence}</p>
          </Notice>
        ) : null}
        {ownLoginCount > 0 ? <p>{t('ownLogins', { count: ownLoginCount })}</p> : null}
        {!isConfigured ? (
          <p>{t('notConfigured')}</p>
        ) : obstacle === 'policy' ? (
          <p>{t('policy')}</p>
        ) : (
          <MoveForms move={move} email={email} isOwn={code === actor.code} />
        )}
        {adminConsent ? <AdminConsent consent={adminConsent} code={code} /> : null}
      </div>
      {tested ? <MoveTest initial={tested.view} platform={tested.route.platform} mend={await getMendContext(getDb(), actor, { code })} /> : null}
    </section>
  )
}
