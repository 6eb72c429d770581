import { getTranslations } from 'next-intl/server'
import { Notice } from '@/app/_ui/state'
import { getDb } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { getMendContext } from '@/lib/diagnosis/mend-context'
import { env } from '@/lib/env'
import { findMove } from '@/lib/microsoft365/move-off-password'
import { MicrosoftNotice } from '../_card/choice-notices'
import { findConversation } from '../_conversation/show-conversation'
import { MoveForms } from './move-forms'
import { MoveTest } from './move-test'

type MovePanelProps = { actor: Actor; email: string; testId: string | undefined }

/** One's own card signs in at Microsoft by password: since when that ends, and the way off it, step by step. */
export async function MovePanel({ actor, email, testId }: MovePanelProps) {
  const t = await getTranslations('microsoftMove')
  const [move, tested] = await Promise.all([findMove(getDb(), actor), testId ? findConversation(actor, testId) : null])
  if (!move && tested?.view.outcome === 'accepted')
    return (
      <Notice tone="works" live>
        <p className="font-semibold">{t('moved')}</p>
        <p className="mt-1">{t('movedText', { username: tested.route.login?.value.username ?? '' })}</p>
      </Notice>
    )
  if (!move) return null
  return (
    <section className="sheet" aria-labelledby="move-title" id="move">
      <div className="section stack">
        <h2 id="move-title">{t('title')}</h2>
        <p>{t('lead', { username: move.username })}</p>
        <MicrosoftNotice notice={env.platform.microsoftPasswordNotice} />
        <MoveForms code={actor.code} move={move} email={email} />
      </div>
      {tested ? <MoveTest initial={tested.view} mend={await getMendContext(getDb(), actor, { code: actor.code })} /> : null}
    </section>
  )
}
