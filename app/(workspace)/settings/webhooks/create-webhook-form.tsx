'use client'

import { useTranslations } from 'next-intl'
import { tickedBefore } from '@/app/_forms/form-state'
import { useFormAction } from '@/app/_forms/use-form-action'
import { WatchUnsaved } from '@/app/_forms/watch-unsaved'
import { ButtonLink, SubmitButton } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import { webhookEvents } from '@/lib/webhook/event'
import { createWebhook } from './actions'
import { EventBoxes } from './event-boxes'
import { SecretNotice } from './secret-notice'

type Made = { id: string; secret: string }

/** A new webhook. Its secret is shown once, here. */
export function CreateWebhookForm() {
  const t = useTranslations('webhooks')
  const [state, create] = useFormAction<Made>(createWebhook)
  return (
    <form action={create} className="sheet" noValidate>
      <WatchUnsaved />
      <Section title={t('create.title')} intro={t('create.lead')}>
        <div className="fields">
          <Field width="wide" label={t('url')} hint={t('urlHint')} error={state.fieldErrors.url}>
            <Input key={state.savedAt} name="url" defaultValue={state.values.url} inputMode="url" autoComplete="off" autoCapitalize="none" spellCheck={false} />
          </Field>
        </div>
        <EventBoxes key={`events-${state.savedAt}`} chosen={tickedBefore(state, 'events') ?? webhookEvents} error={state.fieldErrors.events} />
        <SecretNotice state={state}>
          <p className="actions mt-2">
            <ButtonLink small href={`/settings/webhooks/${state.result?.id}`}>
              {t('open')}
            </ButtonLink>
          </p>
        </SecretNotice>
      </Section>
      <SectionFoot>
        <SubmitButton look="main">{t('create.button')}</SubmitButton>
      </SectionFoot>
    </form>
  )
}
