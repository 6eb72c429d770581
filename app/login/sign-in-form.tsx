'use client'

import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { submitSignIn } from './actions'

export function SignInForm({ next, words }: { next: string; words: { email: string; password: string; submit: string } }) {
  const [state, action] = useFormAction(submitSignIn)
  return (
    <form action={action} className="door-form" noValidate>
      <FormOutcome state={state} />
      <input type="hidden" name="next" value={next} />
      <div className="fields">
        <Field label={words.email} error={state.fieldErrors.email}>
          <Input name="email" type="email" autoComplete="username" autoCapitalize="none" defaultValue={state.values.email} required />
        </Field>
        <Field label={words.password} error={state.fieldErrors.password}>
          <Input name="password" type="password" autoComplete="current-password" required />
        </Field>
      </div>
      <SubmitButton look="main">{words.submit}</SubmitButton>
    </form>
  )
}
