'use client'

import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { StateHeadline } from '@/app/_ui/state'
import type { WebhookView } from '@/lib/webhook/webhook'
import { sendTest, switchWebhook } from '../actions'
import { webhookLook } from '../webhook-look'

/** How it stands, in one sentence; a test event, or switching it on again. */
export function WebhookHeadline({ webhook, pending }: { webhook: WebhookView; pending: number }) {
  const t = useTranslations('webhooks')
  const [tested, test] = useFormAction(sendTest)
  const [switched, turn] = useFormAction(switchWebhook)
  const { state, tone, icon } = webhookLook(webhook)
  const when = () => (webhook.failingSince ? <RelativeTime at={webhook.failingSince} /> : null)
  const title = t.rich(`headline.${state}`, { when, then: (chunks: ReactNode) => <span className="then">{chunks}</span> })
  const actions = webhook.isActive ? (
    <form action={test}>
      <input type="hidden" name="id" value={webhook.id} />
      <SubmitButton>{t('test')}</SubmitButton>
    </form>
  ) : (
    <form action={turn}>
      <input type="hidden" name="id" value={webhook.id} />
      <SubmitButton look="main" name="isActive" value="true">
        {t('switchOn')}
      </SubmitButton>
    </form>
  )
  return (
    <div className="stack">
      <StateHeadline tone={tone} icon={icon} title={title} then={pending > 0 ? t('pending', { count: pending }) : undefined} actions={actions} />
      <FormOutcome state={tested} />
      <FormOutcome state={switched} />
    </div>
  )
}
