'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { WatchUnsaved } from '@/app/_forms/watch-unsaved'
import { SubmitButton } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { SectionOutcome } from '@/app/_ui/form-outcome'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import type { TenantView } from '@/lib/tenant/tenant'
import { saveCompany } from './actions'

export function CompanyForm({ tenant, platform }: { tenant: TenantView; platform: string }) {
  const t = useTranslations('company.company')
  const [state, save] = useFormAction(saveCompany)
  return (
    <form action={save} className="sheet" noValidate>
      <WatchUnsaved saved={tenant.version} />
      <input type="hidden" name="version" value={tenant.version} />
      <Section title={t('title')}>
        <div className="fields">
          <Field width="half" label={t('name')} error={state.fieldErrors.name} hint={t('nameHint', { platform })}>
            <Input key={tenant.version} name="name" defaultValue={state.values.name ?? tenant.name} autoComplete="organization" />
          </Field>
          <Field width="half" label={t('slug')} hint={t('slugHint', { address: tenant.eventAddress })}>
            <Input value={tenant.slug} disabled readOnly />
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
