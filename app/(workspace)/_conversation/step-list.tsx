'use client'

import type { Phase } from '@/db/schema'
import { conversationPhases } from '@/lib/transport/conversation'
import type { ConversationView } from './conversation-view'
import { IdleStep, type StepContext, StepRow } from './step-row'

type StepListProps = Pick<StepContext, 'platform' | 'mend' | 'onScreen'> & { view: ConversationView; expected: { isOpen: boolean; wantsLogin: boolean } }

/** Every step of a conversation in its order, those not reached too. `expected` says which steps this server has at all. */
export function StepList({ view, platform, mend, onScreen, expected }: StepListProps) {
  const { steps, ended } = view
  const firstFailure = steps.findIndex(step => step.state === 'failed')
  const host = steps.find(step => step.facts.host)?.facts.host ?? ''
  const username = steps.find(step => step.facts.username)?.facts.username ?? ''
  const reached = new Set<Phase>(steps.map(step => step.phase))
  const idle = conversationPhases.filter(phase => !reached.has(phase) && !(phase === 'tls' && expected.isOpen) && !(phase === 'auth' && !expected.wantsLogin))
  const last = Math.max(-1, ...steps.map(step => conversationPhases.indexOf(step.phase)))
  const context = { host, username, platform, mend, onScreen }
  return (
    <ol className="steps">
      {steps.map((step, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step keeps its position
        <StepRow key={position} step={step} isFirstFailure={position === firstFailure} context={context} />
      ))}
      {idle
        .filter(phase => conversationPhases.indexOf(phase) > last)
        .map(phase => (
          <IdleStep key={phase} phase={phase} hasEnded={ended} />
        ))}
    </ol>
  )
}
