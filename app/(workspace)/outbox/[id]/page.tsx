import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { cache } from 'react'
import { requireActor } from '@/app/_auth/require-actor'
import { Icon } from '@/app/_ui/icon'
import { RelativeTime } from '@/app/_ui/relative-time'
import { PageHead } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import { listPausedAccounts } from '@/lib/account/account-health'
import { getMendContext } from '@/lib/diagnosis/mend-context'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { getMessage } from '@/lib/message/message'
import { outboxHref, parseQuery } from '../outbox-query'
import { AttemptList } from './attempt-list'
import { MessageDetails } from './message-details'
import { MessageHeadline } from './message-headline'
import { MessageText } from './message-text'
import { RecipientList } from './recipient-list'
import { ResendForm } from './resend-form'

type MessagePageProps = { params: Promise<{ id: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

export async function generateMetadata({ params }: MessagePageProps): Promise<Metadata> {
  const { message } = await findMessage((await params).id)
  return { title: message.subject || (await getTranslations('outbox'))('noSubject') }
}

export default async function MessagePage({ params, searchParams }: MessagePageProps) {
  const actor = await requireActor()
  const filters = parseQuery(await searchParams) // of the list that it was opened from
  const [t, view] = await Promise.all([getTranslations('outbox'), findMessage((await params).id)])
  const { message, recipients, attempts, code, account } = view
  // a test stands in a queue of its own; what it left through is what its attempt says
  const tested = message.kind === 'test' ? attempts.at(-1)?.serverAddress?.split(' ')[0] : undefined
  const hasFailed = attempts.at(-1)?.outcome !== 'accepted' && message.state !== 'cancelled'
  const mend = hasFailed && attempts.length > 0 ? await getMendContext(getDb(), actor, { code }) : null
  const isPaused = account.state === 'paused' && view.mayRetry
  const paused = isPaused ? ((await listPausedAccounts(getDb(), actor)).find(({ id }) => id === account.id) ?? null) : null
  const through = tested ?? (account.host === env.platform.relay.host ? env.platform.name : account.host)
  return (
    <>
      <p>
        <Link href={outboxHref(filters, { before: filters.before })} className="inline-flex items-center gap-1">
          <Icon name="left" /> {t('message.back')}
        </Link>
      </p>
      <PageHead title={message.subject || t('noSubject')}>{t.rich('message.queuedAt', { when: () => <RelativeTime at={message.queuedAt} /> })}</PageHead>
      <MessageHeadline
        message={message}
        recipients={recipients}
        through={through}
        isHeld={view.isHeld}
        usedUp={view.usedUp}
        isResting={view.isResting}
        isPaused={isPaused}
        paused={paused}
        ownCode={actor.code}
        mayRetry={view.mayRetry}
        mayCancel={view.mayCancel}
        mayLeave={view.mayLeave}
      />
      <div className="split">
        <div className="stack">
          <RecipientList recipients={recipients} redirectedTo={message.redirectedTo} isWaiting={message.state === 'waiting'} host={through} />
          <AttemptList attempts={attempts} mend={mend} />
          <MessageText view={view} />
          {view.mayResend ? <ResendForm id={message.id} code={code} /> : null}
        </div>
        <aside className="beside stack" aria-label={t('message.details')}>
          <MessageDetails view={view} through={through} />
        </aside>
      </div>
    </>
  )
}

/** Read once for title and page. */
const findMessage = cache(async (id: string) => {
  try {
    return await getMessage(getDb(), await requireActor(), { id })
  } catch (error) {
    if (error instanceof Refusal) notFound()
    throw error
  }
})
