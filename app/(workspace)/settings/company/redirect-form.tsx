'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { WatchUnsaved } from '@/app/_forms/watch-unsaved'
import { SubmitButton } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { SectionOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import { switchRedirect } from './actions'

/** Where all mail goes instead of its recipients, for a trial. */
export function RedirectForm({ redirectTo, until }: { redirectTo: string | null; until: string | null }) {
  const t = useTranslations('mailSwitch.redirect')
  const [state, submit] = useFormAction(switchRedirect)
  return (
    <form action={submit} className="sheet" noValidate>
      <WatchUnsaved />
      <input type="hidden" name="redirect" value={redirectTo ? 'off' : 'on'} />
      <Section title={t('title')}>
        {redirectTo && until ? (
          <div className="mt-2">
            <p className="mono [overflow-wrap:anywhere]">{redirectTo}</p>
            <p className="soft mt-1">{t.rich('until', { when: () => <RelativeTime at={new Date(until)} /> })}</p>
          </div>
        ) : (
          <div className="fields">
            <Field width="half" label={t('field')} error={state.fieldErrors.redirectTo} hint={t('hint')}>
              <Input
                key={state.savedAt}
                name="redirectTo"
                type="email"
                defaultValue={state.status === 'refused' ? state.values.redirectTo : ''}
                autoComplete="email"
              />
            </Field>
          </div>
        )}
        <SectionOutcome state={state} />
      </Section>
      <SectionFoot>
        <SubmitButton>{redirectTo ? t('end') : t('save')}</SubmitButton>
      </SectionFoot>
    </form>
  )
}
