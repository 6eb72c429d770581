'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { Status } from '@/app/_ui/state'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import type { ConversationView } from '../_conversation/conversation-view'
import { useOutcome } from '../_conversation/outcome-words'
import { StepList } from '../_conversation/step-list'
import { useConversation } from '../_conversation/use-conversation'

/** The conversation of the test that switches; once it has ended the page is read anew, switched or not. */
export function MoveTest({ initial, platform, mend }: { initial: ConversationView; platform: string; mend: MendContext }) {
  const { view, isLost } = useConversation(initial)
  const { tone, icon, sentence, took } = useOutcome(view, isLost)
  const router = useRouter()
  const hasJustEnded = view.ended && !initial.ended
  useEffect(() => {
    if (hasJustEnded) router.refresh()
  }, [hasJustEnded, router])
  return (
    <>
      <div className="result" role="status">
        <Status tone={tone} icon={icon}>
          {sentence}
        </Status>
        <span className="hint">{took}</span>
      </div>
      <StepList view={view} platform={platform} mend={mend} onScreen={undefined} expected={{ isOpen: false, wantsLogin: true }} />
    </>
  )
}
