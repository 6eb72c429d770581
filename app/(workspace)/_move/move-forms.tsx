'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { FormOutcome } from '@/app/_ui/form-outcome'
import type { Move } from '@/lib/microsoft365/move-off-password'
import { agree, move as moveAction, stay } from './actions'

type MoveFormsProps = { move: Move; email: string; isOwn: boolean }

/** Two steps, the one that is due open: consent at Microsoft, then a test that switches. The way back stands beside until then. */
export function MoveForms({ move, email, isOwn }: MoveFormsProps) {
  const t = useTranslations('microsoftMove')
  const { code, mailbox, isReady, username, obstacle } = move
  const maySwitch = obstacle === null
  return (
    <>
      <ol className="numbered">
        <li>
          <span>{mailbox ? t.rich('step1done', { mailbox, b: chunks => <b>{chunks}</b> }) : isOwn ? t('step1') : t('step1other', { code, username })}</span>
        </li>
        <li>
          <span>
            {t('step2')} {maySwitch ? null : t('byAdmin')}
          </span>
        </li>
      </ol>
      {mailbox === null ? (
        <p className="actions">
          <a className="button" href={`/oauth/microsoft/authorize?card=${encodeURIComponent(code)}`}>
            {t('button')}
          </a>
        </p>
      ) : !maySwitch ? null : isReady ? (
        <Switch code={code} email={email} />
      ) : (
        <Agree move={move} mailbox={mailbox} username={username} />
      )}
      {mailbox === null ? null : <Stay code={code} />}
    </>
  )
}

function Switch({ code, email }: { code: string; email: string }) {
  const t = useTranslations('microsoftMove')
  const tTest = useTranslations('testSend')
  const [state, act] = useFormAction(moveAction)
  return (
    <form action={act}>
      <input type="hidden" name="code" value={code} />
      <div className="send-line">
        <Field label={tTest('to')} error={state.fieldErrors.to}>
          <Input name="to" inputMode="email" defaultValue={state.values.to ?? email} autoComplete="off" autoCapitalize="none" spellCheck={false} />
        </Field>
        <SubmitButton>{t('switch')}</SubmitButton>
      </div>
      <FormOutcome state={state} />
    </form>
  )
}

function Agree({ move: { code, version }, mailbox, username }: { move: Move; mailbox: string; username: string }) {
  const t = useTranslations('microsoftMove')
  const [state, act] = useFormAction(agree)
  return (
    <form action={act}>
      <input type="hidden" name="code" value={code} />
      <input type="hidden" name="version" value={version} />
      <p>{t('mismatch', { mailbox, username })}</p>
      <p className="actions mt-4">
        <SubmitButton>{t('useAnyway')}</SubmitButton>
        <a className="button plain" href={`/oauth/microsoft/authorize?card=${encodeURIComponent(code)}`}>
          {t('another')}
        </a>
      </p>
      <FormOutcome state={state} />
    </form>
  )
}

function Stay({ code }: { code: string }) {
  const t = useTranslations('microsoftMove')
  const [state, act] = useFormAction(stay)
  return (
    <form action={act}>
      <input type="hidden" name="code" value={code} />
      <p className="hint">{t('untilThen')}</p>
      <p className="actions mt-2">
        <SubmitButton look="plain" small>
          {t('stay')}
        </SubmitButton>
      </p>
      <FormOutcome state={state} />
    </form>
  )
}
