'use client'

import { useTranslations } from 'next-intl'
import { tickedBefore } from '@/app/_forms/form-state'
import { useFormAction } from '@/app/_forms/use-form-action'
import { WatchUnsaved } from '@/app/_forms/watch-unsaved'
import { SubmitButton } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { SectionOutcome } from '@/app/_ui/form-outcome'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import type { WebhookView } from '@/lib/webhook/webhook'
import { saveWebhook } from '../actions'
import { EventBoxes } from '../event-boxes'

/** Where events go, and which. */
export function WebhookSettings({ webhook }: { webhook: WebhookView }) {
  const t = useTranslations('webhooks')
  const [state, save] = useFormAction(saveWebhook)
  return (
    <form action={save} className="sheet" noValidate>
      <WatchUnsaved saved={`${webhook.url} ${webhook.events.join()}`} />
      <input type="hidden" name="id" value={webhook.id} />
      <Section title={t('settings')}>
        <div className="fields">
          <Field width="wide" label={t('url')} hint={t('urlHint')} error={state.fieldErrors.url}>
            <Input
              key={state.savedAt}
              name="url"
              defaultValue={state.values.url ?? webhook.url}
              inputMode="url"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          </Field>
        </div>
        <EventBoxes
          key={`events-${webhook.events.join()}-${state.savedAt}`}
          chosen={tickedBefore(state, 'events') ?? webhook.events}
          error={state.fieldErrors.events}
        />
        <SectionOutcome state={state} />
      </Section>
      <SectionFoot>
        <SubmitButton>{t('save')}</SubmitButton>
      </SectionFoot>
    </form>
  )
}
