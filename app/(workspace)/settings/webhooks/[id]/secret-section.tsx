'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { RelativeTime } from '@/app/_ui/relative-time'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import type { WebhookView } from '@/lib/webhook/webhook'
import { rotateSecret } from '../actions'
import { SecretNotice } from '../secret-notice'

/** A new secret, shown once; the one before it signs too for a day. */
export function SecretSection({ webhook }: { webhook: WebhookView }) {
  const t = useTranslations('webhooks.secret')
  const [state, rotate] = useFormAction<{ secret: string }>(rotateSecret)
  const until = webhook.previousUntil
  return (
    <form action={rotate} className="sheet">
      <input type="hidden" name="id" value={webhook.id} />
      <Section title={t('title')} intro={t('text')}>
        {until ? <p className="mt-2">{t.rich('overlap', { when: () => <RelativeTime at={until} /> })}</p> : null}
        <SecretNotice state={state} />
      </Section>
      <SectionFoot>
        <SubmitButton>{t('rotate')}</SubmitButton>
      </SectionFoot>
    </form>
  )
}
