'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { ButtonLink, SubmitButton } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { Icon } from '@/app/_ui/icon'
import type { DeliveryView } from '@/lib/webhook/delivery'
import type { WebhookView } from '@/lib/webhook/webhook'
import { replay } from '../actions'
import { DeliveryRow } from './delivery-row'
import { useRefreshWhile } from './use-refresh-while'

type LogProps = { webhook: WebhookView; rows: DeliveryView[]; hasFailed: boolean; nextBefore: string | null; isFirst: boolean }

/** What was sent here lately, with every answer; anything can be sent again. */
export function DeliveryLog({ webhook: { id, isActive }, rows, hasFailed, nextBefore, isFirst }: LogProps) {
  const t = useTranslations('webhooks')
  const [state, act] = useFormAction(replay)
  useRefreshWhile(rows.some(row => row.state === 'pending' && row.attemptCount === 0))
  return (
    <section className="sheet" aria-labelledby="log-title">
      <div className="section">
        <h2 id="log-title">{t('log.title')}</h2>
        <p>{rows.length === 0 ? t('log.empty') : t('log.text')}</p>
        <FormOutcome state={state} />
        {hasFailed && isActive ? (
          <form action={act} className="actions mt-2">
            <input type="hidden" name="id" value={id} />
            <SubmitButton small>{t('log.replayFailed')}</SubmitButton>
          </form>
        ) : null}
      </div>
      {rows.length > 0 ? (
        <ol className="steps border-t border-line">
          {rows.map(row => (
            <DeliveryRow key={row.id} row={row}>
              {isActive ? (
                <form action={act} className="actions mt-3">
                  <input type="hidden" name="id" value={id} />
                  <SubmitButton small name="deliveryId" value={row.id}>
                    {t('log.replay')}
                  </SubmitButton>
                </form>
              ) : null}
            </DeliveryRow>
          ))}
        </ol>
      ) : null}
      {nextBefore || !isFirst ? (
        <div className="list-foot">
          <span />
          <span className="actions">
            {isFirst ? null : (
              <ButtonLink look="plain" small href={`/settings/webhooks/${id}`}>
                {t('log.newest')}
              </ButtonLink>
            )}
            {nextBefore ? (
              <ButtonLink look="plain" small href={`/settings/webhooks/${id}?before=${encodeURIComponent(nextBefore)}`}>
                {t('log.older')} <Icon name="right" />
              </ButtonLink>
            ) : null}
          </span>
        </div>
      ) : null}
    </section>
  )
}
