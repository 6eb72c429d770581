'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { WatchUnsaved } from '@/app/_forms/watch-unsaved'
import { ButtonLink, SubmitButton } from '@/app/_ui/button'
import { CopyButton } from '@/app/_ui/copy-button'
import { Field, Input, Select } from '@/app/_ui/field'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import { Notice } from '@/app/_ui/state'
import { addUser } from './actions'

type Added = { code: string; firstPassword: string }

/** A new card. The first password of a new person is shown once, here. */
export function AddUserForm() {
  const t = useTranslations('users')
  const tCard = useTranslations('users.add')
  const [state, add] = useFormAction<Added>(addUser)
  const { fieldErrors: errors, values } = state
  return (
    <form action={add} className="sheet" id="add" noValidate>
      <WatchUnsaved />
      <Section title={tCard('title')} intro={tCard('lead')}>
        <div className="fields">
          <Field width="slim" label={tCard('code')} error={errors.code} hint={tCard('codeHint')}>
            <Input name="code" defaultValue={values.code} maxLength={20} autoComplete="off" autoCapitalize="characters" spellCheck={false} />
          </Field>
          <Field width="wide" label={tCard('name')} error={errors.name}>
            <Input name="name" defaultValue={values.name} autoComplete="off" />
          </Field>
          <Field width="wide" label={tCard('email')} error={errors.email}>
            <Input name="email" defaultValue={values.email} inputMode="email" autoComplete="off" autoCapitalize="none" spellCheck={false} />
          </Field>
          <Field width="slim" label={tCard('role')} error={errors.role}>
            <Select name="role" key={values.role} defaultValue={values.role ?? 'user'}>
              <option value="user">{t('role.user')}</option>
              <option value="admin">{t('role.admin')}</option>
            </Select>
          </Field>
        </div>
        {state.status === 'refused' ? (
          <div className="mt-4">
            <FormOutcome state={state} />
          </div>
        ) : null}
        {state.result ? <AddedNotice added={state.result} /> : null}
      </Section>
      <SectionFoot>
        <SubmitButton look="main">{tCard('button')}</SubmitButton>
      </SectionFoot>
    </form>
  )
}

function AddedNotice({ added: { code, firstPassword } }: { added: Added }) {
  const t = useTranslations('users.add')
  return (
    <div className="mt-4">
      <Notice tone="works" live>
        <p>
          <b>{t('done', { code })}</b> {t('firstPasswordText')}
        </p>
        <div className="mt-2 flex flex-wrap items-center gap-3">
          <span>{t('firstPassword')}</span> <code className="mono">{firstPassword}</code>
          <CopyButton text={firstPassword} of={t('firstPassword')} />
        </div>
        <p className="actions mt-2">
          <ButtonLink small href={`/settings/users/${encodeURIComponent(code)}`}>
            {t('open')}
          </ButtonLink>
        </p>
      </Notice>
    </div>
  )
}
