'use client'

import type { ComponentProps } from 'react'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { submitSetup } from './actions'

type Name = 'code' | 'companyName' | 'slug' | 'name' | 'email' | 'password' | 'userCode'
export type SetupWords = Record<'codeTitle' | 'companyTitle' | 'personTitle' | 'submit', string> & Record<Name, { label: string; hint: string }>

export function SetupForm({ words }: { words: SetupWords }) {
  const [state, action] = useFormAction(submitSetup)
  const field = (name: Name, control: ComponentProps<typeof Input> = {}, width?: 'half') => (
    <Field label={words[name].label} hint={words[name].hint} error={state.fieldErrors[name]} {...(width ? { width } : {})}>
      <Input name={name} autoComplete="off" defaultValue={state.values[name]} required {...control} />
    </Field>
  )
  return (
    <form action={action} className="sheet" noValidate>
      <div className="section">
        <h2>{words.codeTitle}</h2>
        <div className="fields">{field('code', { className: 'mono' })}</div>
      </div>
      <div className="section">
        <h2>{words.companyTitle}</h2>
        <div className="fields">
          {field('companyName', { autoComplete: 'organization' }, 'half')}
          {field('slug', { autoCapitalize: 'none' }, 'half')}
        </div>
      </div>
      <div className="section">
        <h2>{words.personTitle}</h2>
        <div className="fields">
          {field('name', { autoComplete: 'name' }, 'half')}
          {field('userCode', { autoCapitalize: 'characters' }, 'half')}
          {field('email', { type: 'email', autoComplete: 'username' }, 'half')}
          {field('password', { type: 'password', autoComplete: 'new-password' }, 'half')}
        </div>
      </div>
      {state.status === 'refused' ? (
        <div className="section">
          <FormOutcome state={state} />
        </div>
      ) : null}
      <div className="section-foot">
        <SubmitButton look="main">{words.submit}</SubmitButton>
      </div>
    </form>
  )
}
