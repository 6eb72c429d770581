import { useFormatter, useTranslations } from 'next-intl'
import { CopyButton } from '@/app/_ui/copy-button'
import { Icon, type IconName } from '@/app/_ui/icon'
import { RelativeTime } from '@/app/_ui/relative-time'
import type { Attempt } from '@/db/schema'
import { explainAttempt } from '@/lib/diagnosis/explain-failure'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import { env } from '@/lib/env'
import { codeWords, durationWords } from '../../_conversation/step-words'
import { Explanation } from '../../_explanation/explanation'

const look: Record<NonNullable<Attempt['outcome']>, { icon: IconName; tone: string }> = {
  accepted: { icon: 'works', tone: 'works' },
  waiting: { icon: 'waiting', tone: 'waiting' },
  refused: { icon: 'failed', tone: 'failed' },
  unknown: { icon: 'unknown', tone: 'attention' },
}

/** Every try to hand the message over: when, how far it came, what was said. */
export function AttemptList({ attempts, mend }: { attempts: Attempt[]; mend: MendContext | null }) {
  const t = useTranslations('outbox.message')
  return (
    <section className="sheet" aria-labelledby="attempts-title">
      <div className="section">
        <h2 id="attempts-title">{t('attempts')}</h2>
        {attempts.length === 0 ? <p className="soft">{t('noAttempts')}</p> : null}
      </div>
      {attempts.length > 0 ? (
        <ol className="steps border-t border-line">
          {attempts.map((attempt, position) => (
            <AttemptRow key={attempt.id} attempt={attempt} number={position + 1} isLast={position === attempts.length - 1} mend={mend} />
          ))}
        </ol>
      ) : null}
    </section>
  )
}

function AttemptRow({ attempt, number, isLast, mend }: { attempt: Attempt; number: number; isLast: boolean; mend: MendContext | null }) {
  const t = useTranslations('outbox.message')
  const tStep = useTranslations('conversation.step')
  const format = useFormatter()
  const { outcome, phase, replyCode, enhancedStatus, replyText, errorCode, serverAddress, tls, durationMs, startedAt } = attempt
  const { icon, tone } = look[outcome ?? 'unknown']
  const ending = t(`attemptOutcome.${outcome ?? 'unknown'}`)
  const said = [replyCode && codeWords({ code: replyCode, enhancedStatus }), replyText ?? errorCode].filter(Boolean).join(' ')
  const saidBy = t(replyCode ? 'serverSaid' : 'happened') // without a reply the words are ours
  const explained = explainAttempt(attempt)
  return (
    <li>
      <details className={outcome === 'refused' ? 'is-failed' : undefined} open={(isLast && outcome !== 'accepted') || undefined}>
        <summary>
          <Icon name={icon} className={tone} />
          <span className="step-name">{t('attempt', { number })}</span>
          <span className="step-line">
            {phase && outcome !== 'accepted' ? t('endedAt', { outcome: ending, step: tStep(phase) }) : ending}
            <span className="hint block">
              <RelativeTime at={startedAt} />
              {serverAddress ? ` · ${serverAddress}` : ''}
              {serverAddress ? ` · ${tls ? t('tls', { tls }) : t('open')}` : ''}
            </span>
          </span>
          <span className="step-time">{durationMs === null ? '' : durationWords(durationMs, format.number)}</span>
          <Icon name="down" className="fold" />
        </summary>
        {explained ? (
          <Explanation
            explained={explained}
            said={null}
            host={serverAddress?.split(' ')[0] ?? ''}
            username={mend?.username ?? ''}
            platform={env.platform.name}
            mend={isLast ? mend : null}
          />
        ) : null}
        <div className="step-body">
          {said ? (
            <div className="raw">
              <div className="raw-head">
                <span className="hint">{saidBy}</span>
                <CopyButton text={said} of={saidBy} />
              </div>
              <p className="mono p-3 whitespace-pre-wrap [overflow-wrap:anywhere]">{said}</p>
            </div>
          ) : null}
        </div>
      </details>
    </li>
  )
}
