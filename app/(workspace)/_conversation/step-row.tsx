'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { Icon, type IconName } from '@/app/_ui/icon'
import type { Phase } from '@/db/schema'
import { explain } from '@/lib/diagnosis/explain-failure'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import type { ConversationStep } from '@/lib/transport/conversation'
import { Explanation } from '../_explanation/explanation'
import type { OnScreen } from '../_explanation/on-screen'
import { RawLines } from './raw-lines'
import { StepFactList } from './step-facts'
import { replyLine, useStepWords } from './step-words'

const look: Record<ConversationStep['state'], { icon: IconName; tone: string }> = {
  running: { icon: 'running', tone: 'waiting is-running' },
  done: { icon: 'works', tone: 'works' },
  failed: { icon: 'failed', tone: 'failed' },
}

/** What an explanation needs beside the step: the server and user name, and who may mend it. */
export type StepContext = { host: string; username: string; platform: string; mend: MendContext | null; onScreen: OnScreen | undefined }

type StepRowProps = { step: ConversationStep; isFirstFailure: boolean; context: StepContext }

/** One step: its state, name, one line of words and time; unfolds to the facts and the raw lines. The first that failed opens by itself. */
export function StepRow({ step, isFirstFailure, context }: StepRowProps) {
  const t = useTranslations('conversation')
  const format = useFormatter()
  const words = useStepWords()
  const { icon, tone } = look[step.state]
  const name = t(`step.${step.phase}`)
  return (
    <li>
      <details className={step.state === 'failed' ? 'is-failed' : undefined} open={isFirstFailure || undefined} key={isFirstFailure ? 'failed' : 'open'}>
        <summary>
          <Icon name={icon} className={tone} />
          <span className="step-name">
            {name}
            <span className="unseen">, {t(`state.${step.state}`)}:</span>
          </span>
          <span className="step-line">{words(step)}</span>
          <span className="step-time">{step.durationMs === null ? '' : `${format.number(step.durationMs)} ms`}</span>
          <Icon name="down" className="fold" />
        </summary>
        {isFirstFailure ? <StepExplanation step={step} context={context} /> : null}
        <div className="step-body">
          <StepFactList facts={step.facts} />
          {step.lines.length > 0 ? <RawLines lines={step.lines} of={name} /> : null}
        </div>
      </details>
    </li>
  )
}

function StepExplanation({ step: { phase, facts }, context }: { step: ConversationStep; context: StepContext }) {
  const reply = facts.reply ?? null
  const explained = explain({ phase, reply, errorCode: facts.errorCode ?? null, host: context.host, mechanism: facts.mechanism })
  return <Explanation explained={explained} said={reply ? replyLine(reply) : null} {...context} />
}

/** A step that is still to come, or was never reached: listed, pale, and says so. */
export function IdleStep({ phase, hasEnded }: { phase: Phase; hasEnded: boolean }) {
  const t = useTranslations('conversation')
  return (
    <li className="is-idle">
      <div className="step">
        <Icon name="idle" className="quiet" />
        <span className="step-name">{t(`step.${phase}`)}</span>
        <span className="step-line">{t(hasEnded ? 'line.notReached' : 'line.pending')}</span>
      </div>
    </li>
  )
}
