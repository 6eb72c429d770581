'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { FormState } from '@/app/_forms/form-state'
import { useFormAction } from '@/app/_forms/use-form-action'
import { WatchUnsaved } from '@/app/_forms/watch-unsaved'
import { SubmitButton } from '@/app/_ui/button'
import { CopyButton } from '@/app/_ui/copy-button'
import { Field, Input, Select } from '@/app/_ui/field'
import { SectionOutcome } from '@/app/_ui/form-outcome'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import { createApiKey } from './actions'

type Made = { id: string; key: string }

/** A new key. It is shown once, here. */
export function CreateApiKeyForm() {
  const t = useTranslations('apiKeys')
  const [state, create] = useFormAction<Made>(createApiKey)
  const { fieldErrors: errors, values } = state
  return (
    <form action={create} className="sheet" noValidate>
      <WatchUnsaved />
      <Section title={t('create.title')} intro={t('create.lead')}>
        <div className="fields" key={state.savedAt}>
          <Field width="wide" label={t('name')} hint={t('nameHint')} error={errors.name}>
            <Input name="name" defaultValue={values.name} maxLength={100} autoComplete="off" />
          </Field>
          <Field width="wide" label={t('may')} error={errors.scope}>
            <Select name="scope" key={values.scope} defaultValue={values.scope ?? 'send'}>
              <option value="send">{t('scope.send')}</option>
              <option value="read">{t('scope.read')}</option>
            </Select>
          </Field>
          <Users values={values} errors={errors} />
          <Field width="wide" label={t('addresses')} hint={t('addressesHint')} error={errors.addresses}>
            <Input name="addresses" defaultValue={values.addresses} autoComplete="off" autoCapitalize="none" spellCheck={false} />
          </Field>
          <Field width="slim" label={t('expires')} hint={t('expiresHint')} error={errors.expires}>
            <Input name="expires" type="date" defaultValue={values.expires} />
          </Field>
        </div>
        <SectionOutcome state={state}>{state.result ? <MadeKey value={state.result.key} /> : null}</SectionOutcome>
      </Section>
      <SectionFoot>
        <SubmitButton look="main">{t('create.button')}</SubmitButton>
      </SectionFoot>
    </form>
  )
}

/** The users a key covers; all of them only for whoever chooses that. */
function Users({ values, errors }: Pick<FormState<Made>, 'values'> & { errors: FormState<Made>['fieldErrors'] }) {
  const t = useTranslations('apiKeys')
  const [which, choose] = useState(values.cards ?? 'named')
  return (
    <>
      <Field width="wide" label={t('users')} error={errors.cards}>
        <Select name="cards" key={values.cards} defaultValue={which} onChange={event => choose(event.target.value)}>
          <option value="named">{t('namedUsers')}</option>
          <option value="all">{t('everyUser')}</option>
        </Select>
      </Field>
      <Field width="wide" label={t('codes')} hint={which === 'all' ? t('codesUnused') : t('codesHint')} error={errors.codes}>
        <Input name="codes" defaultValue={values.codes} readOnly={which === 'all'} autoComplete="off" autoCapitalize="characters" spellCheck={false} />
      </Field>
    </>
  )
}

function MadeKey({ value }: { value: string }) {
  const t = useTranslations('apiKeys.create')
  return (
    <>
      <p>{t('once')}</p>
      <div className="mt-2 flex flex-wrap items-center gap-3">
        <code className="mono [overflow-wrap:anywhere]">{value}</code>
        <CopyButton text={value} of={t('key')} />
      </div>
    </>
  )
}
