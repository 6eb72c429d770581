'use client'

import { useTranslations } from 'next-intl'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import { ConversationHeadline, DownloadLine } from '../_conversation/conversation-sheet'
import type { ConversationView } from '../_conversation/conversation-view'
import { StepList } from '../_conversation/step-list'
import { useConversation } from '../_conversation/use-conversation'
import { RoutePanel } from '../_route/route-panel'
import type { RouteView } from '../_route/route-view'

type ConversationConsoleProps = { initial: ConversationView; route: RouteView; ownCode: string; mend: MendContext | null }

/** The conversation as it happens, and beside it the settings it used. Without JavaScript the page looks again by itself. */
export function ConversationConsole({ initial, route, ownCode, mend }: ConversationConsoleProps) {
  const t = useTranslations('conversation')
  const tSend = useTranslations('testSend')
  const { view, isLost } = useConversation(initial)
  const expected = { isOpen: route.server?.value.tls === 'none', wantsLogin: route.login !== null }
  return (
    <>
      {initial.ended ? null : (
        <noscript>
          <meta httpEquiv="refresh" content="2" />
          <p className="hint">{tSend('autoRefresh')}</p>
        </noscript>
      )}
      <ConversationHeadline view={view} isLost={isLost} />
      <div className="split">
        <section className="sheet" aria-labelledby="talk-title">
          <h2 className="unseen" id="talk-title">
            {t('title')}
          </h2>
          <StepList view={view} platform={route.platform} mend={mend} onScreen={undefined} expected={expected} />
          <DownloadLine id={view.id} ended={view.ended} />
        </section>
        <aside className="beside stack" aria-label={tSend('usedSettings')}>
          <RoutePanel route={route} ownCode={ownCode} title={tSend('usedSettings')} />
        </aside>
      </div>
    </>
  )
}
