'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { WatchUnsaved } from '@/app/_forms/watch-unsaved'
import { SubmitButton } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { SectionOutcome } from '@/app/_ui/form-outcome'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import { saveKeepTexts } from './actions'

/** How long the text of a message is kept after its end. */
export function KeepTextsForm({ days }: { days: number }) {
  const t = useTranslations('keepTexts')
  const [state, save] = useFormAction(saveKeepTexts)
  return (
    <form action={save} className="sheet" noValidate>
      <WatchUnsaved saved={days} />
      <Section title={t('title')}>
        <div className="fields">
          <Field width="half" label={t('days')} error={state.fieldErrors.days} hint={t('hint')}>
            <Input key={`${days} ${state.savedAt}`} name="days" type="number" min={7} max={3650} defaultValue={state.values.days ?? days} inputMode="numeric" />
          </Field>
        </div>
        <SectionOutcome state={state} />
      </Section>
      <SectionFoot>
        <SubmitButton>{t('save')}</SubmitButton>
      </SectionFoot>
    </form>
  )
}
