import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { requireActor } from '@/app/_auth/require-actor'
import { PageHead } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { getOwnCard, listCards } from '@/lib/card/card'
import { getMendContext } from '@/lib/diagnosis/mend-context'
import { getRoute } from '@/lib/sender/resolve-route'
import { findConversation } from '../_conversation/show-conversation'
import { showRoute } from '../_route/show-route'
import { ConversationConsole } from './conversation-console'
import { SendForm } from './send-form'
import { UsedRoute } from './used-route'

type TestSendPageProps = { searchParams: Promise<{ as?: string; id?: string }> }

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('testSend'))('title') }
}

export default async function TestSendPage({ searchParams }: TestSendPageProps) {
  const actor = await requireActor()
  const { as, id } = await searchParams
  const [t, cards, own, shown] = await Promise.all([
    getTranslations('testSend'),
    listSendable(actor),
    getOwnCard(getDb(), actor),
    id ? findConversation(actor, id) : null,
  ])
  if (id && !shown) notFound()
  const code = shown?.view.cardCode ?? cards.find(card => card.code === as?.toUpperCase())?.code ?? actor.code
  const route = shown?.route ?? showRoute(await getRoute(getDb(), actor, { code }))
  const isSendable = route.problem?.reason !== 'noEmail'
  return (
    <>
      <PageHead title={t('title')}>{t('lead')}</PageHead>
      <SendForm key={code} cards={cards} code={code} to={own.email ?? ''} isSendable={isSendable} />
      {shown ? (
        <ConversationConsole
          key={shown.view.id}
          initial={shown.view}
          route={route}
          ownCode={actor.code}
          mend={await getMendContext(getDb(), actor, { code })}
        />
      ) : (
        <UsedRoute route={route} ownCode={actor.code} intro={isSendable ? t('before') : null} />
      )}
    </>
  )
}

/** A user tests their own card, an admin any. */
async function listSendable(actor: Actor): Promise<{ code: string; name: string }[]> {
  const cards = isAdmin(actor) ? (await listCards(getDb(), actor)).filter(card => card.isActive) : [await getOwnCard(getDb(), actor)]
  return cards.map(({ code, name }) => ({ code, name }))
}
