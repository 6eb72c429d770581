import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Icon, type IconName } from '@/app/_ui/icon'
import { RelativeTime } from '@/app/_ui/relative-time'
import type { DeliveryAttempt, DeliveryView } from '@/lib/webhook/delivery'
import { durationWords } from '../../../_conversation/step-words'
import { eventKey } from '../event-boxes'

const look: Record<DeliveryView['state'], { icon: IconName; tone: string }> = {
  delivered: { icon: 'works', tone: 'works' },
  pending: { icon: 'waiting', tone: 'waiting' },
  failed: { icon: 'failed', tone: 'failed' },
}

/** One event: how it stands, and unfolded every try with its answer. */
export function DeliveryRow({ row, children }: { row: DeliveryView; children: ReactNode }) {
  const t = useTranslations('webhooks')
  const { icon, tone } = look[row.state]
  const last = row.attempts.at(-1)
  return (
    <li>
      <details className={row.state === 'failed' ? 'is-failed' : undefined}>
        <summary className="min-[601px]:grid-cols-[16px_200px_minmax(0,1fr)_0_16px]">
          <Icon name={icon} className={tone} />
          <span className="step-name">{t(`event.${eventKey(row.event)}`)}</span>
          <span className="step-line">
            {t(`delivery.${row.state}`, { count: row.attemptCount })}
            {row.nextTryAt ? <> {t.rich('delivery.next', { when: () => <RelativeTime at={row.nextTryAt ?? ''} /> })}</> : null}
            <span className="hint block">
              <RelativeTime at={row.occurredAt} /> · <span className="mono">{row.event}</span>
              {last ? <> · {answerWords(t, last)}</> : null}
            </span>
          </span>
          <span className="step-time" />
          <Icon name="down" className="fold" />
        </summary>
        <div className="step-body">
          <p>
            <span className="hint">{t('delivery.id')}</span> <code className="mono [overflow-wrap:anywhere]">{row.id}</code>
          </p>
          {row.event.startsWith('message.') ? (
            <p className="mt-1">
              <Link href={`/outbox/${row.subjectId}`}>{t('delivery.message')}</Link>
            </p>
          ) : null}
          {row.attempts.map((attempt, position) => (
            <Attempt key={attempt.at} attempt={attempt} number={row.attemptCount - row.attempts.length + position + 1} />
          ))}
          {children}
        </div>
      </details>
    </li>
  )
}

function Attempt({ attempt, number }: { attempt: DeliveryAttempt; number: number }) {
  const t = useTranslations('webhooks')
  const format = useFormatter()
  return (
    <div className="mt-3">
      <p>
        {number > 0 ? t('delivery.attempt', { number }) : t('delivery.earlier')} <RelativeTime at={attempt.at} /> · {answerWords(t, attempt)} ·{' '}
        {durationWords(attempt.durationMs, format.number)}
      </p>
      {attempt.text ? (
        <div className="raw mt-1">
          <div className="raw-head">
            <span className="hint">{t('delivery.answer')}</span>
          </div>
          <p className="mono p-3 whitespace-pre-wrap [overflow-wrap:anywhere]">{attempt.text}</p>
        </div>
      ) : null}
    </div>
  )
}

type Words = ReturnType<typeof useTranslations<'webhooks'>>

function answerWords(t: Words, { status, error }: Pick<DeliveryAttempt, 'status' | 'error'>): string {
  if (status !== null) return t('delivery.status', { status: String(status) })
  const key = `error.${error}` as 'error.timeout'
  return t.has(key) ? t(key) : (error ?? '')
}
