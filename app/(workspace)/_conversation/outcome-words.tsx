import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { IconName } from '@/app/_ui/icon'
import { RelativeTime } from '@/app/_ui/relative-time'
import type { Tone } from '@/app/_ui/state'
import type { ConversationView } from './conversation-view'
import { durationWords } from './step-words'

/** How a test stands or ended: tone, glyph, a sentence, and when it was. */
export function useOutcome(view: ConversationView, isLost = false) {
  const t = useTranslations('conversation')
  const format = useFormatter()
  const failed = view.steps.find(step => step.state === 'failed')
  const state = isLost ? 'lost' : (view.outcome ?? (view.steps.length === 0 ? 'queued' : 'running'))
  const values = {
    where: t(`stoppedAt.${failed?.phase ?? 'none'}`),
    then: (chunks: ReactNode) => <span className="then">{chunks}</span>,
    link: (chunks: ReactNode) => <a href={`/test-send?id=${view.id}`}>{chunks}</a>, // loads anew: where this is that very page, a Link would lead nowhere
  }
  // a wrong password leaves ordinary mail waiting; a test it simply stops
  const isStopped = state === 'waiting' && failed !== undefined && !(failed.facts.reply && failed.facts.reply.code < 500)
  const sentence = t.rich(`outcome.${isStopped ? 'refused' : state}`, values)
  const { tone, icon } = looks[isStopped ? 'refused' : state]
  const spentMs = view.steps.reduce((sum, step) => sum + (step.durationMs ?? 0), 0)
  const took = view.ended ? t.rich('took', { when: () => <RelativeTime at={view.startedAt} />, time: durationWords(spentMs, format.number) }) : null
  return { tone, icon, sentence, took }
}

const looks: Record<'queued' | 'running' | 'accepted' | 'waiting' | 'refused' | 'unknown' | 'lost', { tone: Tone; icon: IconName }> = {
  queued: { tone: 'waiting', icon: 'queued' },
  running: { tone: 'waiting', icon: 'waiting' },
  accepted: { tone: 'works', icon: 'works' },
  waiting: { tone: 'attention', icon: 'waiting' },
  refused: { tone: 'failed', icon: 'failed' },
  unknown: { tone: 'attention', icon: 'unknown' },
  lost: { tone: 'attention', icon: 'attention' },
}
