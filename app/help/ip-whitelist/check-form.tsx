'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { Notice } from '@/app/_ui/state'
import type { Reach } from '@/lib/diagnosis/check-reach'
import { checkFromHere } from './actions'

const tones = { letIn: 'works', refused: 'failed', closed: 'failed', unreachable: 'attention' } as const

/** *Check from here*: does this server let the installation in, and what does it say? */
export function CheckForm() {
  const t = useTranslations('reach')
  const [state, action] = useFormAction<Reach>(checkFromHere)
  return (
    <form action={action} noValidate>
      <div className="send-line">
        <Field label={t('server')} hint={t('hint')} error={state.fieldErrors.server}>
          <Input name="server" defaultValue={state.values.server} placeholder="mx.example.com:25" autoComplete="off" autoCapitalize="none" spellCheck={false} />
        </Field>
        <SubmitButton>{t('check')}</SubmitButton>
      </div>
      <div className="mt-4">{state.result ? <ReachNotice key={state.savedAt} reach={state.result} /> : <FormOutcome state={state} />}</div>
    </form>
  )
}

function ReachNotice({ reach: { verdict, server, address, said } }: { reach: Reach }) {
  const t = useTranslations('reach')
  return (
    <Notice live tone={tones[verdict]}>
      <p>{t.rich(`verdict.${verdict}`, { server, address, b: chunks => <b>{chunks}</b> })}</p>
      {said === '' ? null : (
        <>
          <p className="mt-2">{t('said')}</p>
          <pre className="mono whitespace-pre-wrap">{said}</pre>
        </>
      )}
    </Notice>
  )
}
