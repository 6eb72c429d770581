import { getTranslations } from 'next-intl/server'
import { bindShortWords } from '@/app/_i18n/bind-short-words'
import { PageHead } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import type { Tls } from '@/db/schema'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { env } from '@/lib/env'
import { formatServer } from '@/lib/sender/server-field'
import { IdentityForm } from '../_identity/identity-form'
import { MovePanel } from '../_move/move-panel'
import { showRoute } from '../_route/show-route'
import { TrustedCertificates } from '../_trust/trusted-certificates'
import { reroute } from './actions'
import { CardForm } from './card-form'
import { CardHeadline } from './card-headline'
import type { CardPageView, SenderFields } from './card-view'
import { readCard } from './read-card'
import { RerouteNotice } from './reroute-notice'

type CardScreenProps = { actor: Actor; code: string; byAdmin?: boolean; query?: CardQuery }

/** What a link to a card may bring along: nothing of it is saved. */
export type CardQuery = { preset?: string; server?: string; tls?: string; move?: string; microsoft365?: string; cause?: string }

/** The page of a card: one's own, or any for an admin. */
export async function CardScreen({ actor, code, byAdmin = false, query = {} }: CardScreenProps) {
  const t = await getTranslations('card')
  const read = await readCard(getDb(), actor, { code, query })
  const { run, tested, card, own, sender, route, tenant, waiting, health, mend, microsoft, move, letters, trusts } = read
  const isOwn = code === actor.code
  const view: CardPageView = {
    card,
    sender,
    route: showRoute(route),
    platform: env.platform.name,
    eventAddress: tenant.eventAddress,
    microsoft,
    gmail: formatServer(env.platform.gmail),
    testRecipient: card.email ?? '',
    isOwn,
    isAdmin: isAdmin(actor),
    mend,
    byAdmin,
    isMoveDue: move !== null && move.obstacle !== 'policy' && sender.hasPassword,
    followers: letters && { letters, run },
  }
  return (
    <>
      <PageHead title={t('title')} then={code}>
        {isOwn ? t('lead', { company: bindShortWords(tenant.name) }) : t('leadOther', { company: bindShortWords(tenant.name), name: card.name })}
      </PageHead>
      <CardHeadline
        health={health}
        problem={view.route.problem}
        cause={microsoft.connection?.causeText ?? null}
        code={code}
        mend={mend}
        platform={view.platform}
      />
      <RerouteNotice count={route.problem ? 0 : waiting} action={reroute} code={code} />
      <MovePanel actor={actor} move={move} microsoft={microsoft} email={own.email ?? ''} tested={tested} />
      <CardForm
        key={JSON.stringify({ ...query, microsoft365: undefined, cause: undefined })}
        view={view}
        preset={presetFields(query, view)}
        startAt={query.preset === 'password' || query.preset === 'server' ? 'password' : null}
      />
      {view.followers && !isOwn ? <IdentityForm {...view.followers} baseCode={code} platform={view.platform} /> : null}
      <TrustedCertificates trusts={trusts} />
    </>
  )
}

const isTls = (text: string | undefined): text is Tls => text === 'none' || text === 'implicit' || text === 'starttls'

/** The form as a guide or an explanation leads to it, nothing saved: `?preset=gmail` filled in, `?preset=smtp` and `?preset=microsoft365` with that sender chosen. */
function presetFields({ preset, server, tls }: CardQuery, { gmail, sender, card }: CardPageView): SenderFields | null {
  if (sender.mayChange !== 'everything') return null
  const saved = { server: sender.server, tls: sender.tls ?? 'starttls', username: sender.username, authorIsLogin: sender.authorIsLogin } as const
  if (preset === 'smtp') return { choice: 'smtp', ...saved }
  if (preset === 'server' && server) return { choice: 'smtp', ...saved, server: server.slice(0, 300), tls: isTls(tls) ? tls : saved.tls }
  if (preset === 'microsoft365') return { choice: 'microsoft365', ...saved, username: sender.username || (card.email ?? '') }
  return preset === 'gmail'
    ? { choice: 'smtp', server: gmail, tls: 'implicit', username: sender.server === gmail ? sender.username : '', authorIsLogin: false }
    : null
}
