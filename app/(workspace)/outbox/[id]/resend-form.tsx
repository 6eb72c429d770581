'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { SectionOutcome } from '@/app/_ui/form-outcome'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import { resend } from '../actions'

/** The same message to somebody else: one address. */
export function ResendForm({ id, code }: { id: string; code: string }) {
  const t = useTranslations('outbox.message.resend')
  const [state, submit] = useFormAction(resend)
  return (
    <form action={submit} className="sheet print:hidden" noValidate>
      <input type="hidden" name="id" value={id} />
      <Section title={t('title')}>
        <div className="fields">
          <Field width="half" label={t('field')} error={state.fieldErrors.to} hint={t('hint', { code })}>
            <Input key={state.savedAt} name="to" type="email" defaultValue={state.values.to ?? ''} autoComplete="off" />
          </Field>
        </div>
        <SectionOutcome state={state} />
      </Section>
      <SectionFoot>
        <SubmitButton>{t('button')}</SubmitButton>
      </SectionFoot>
    </form>
  )
}
