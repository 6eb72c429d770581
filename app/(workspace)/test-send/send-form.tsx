'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { Field, Input, Select } from '@/app/_ui/field'
import { SectionOutcome } from '@/app/_ui/form-outcome'
import { Notice } from '@/app/_ui/state'
import { startTest } from './actions'

type SendFormProps = { cards: { code: string; name: string }[]; code: string; to: string; isSendable: boolean }

/** Who sends, to whom. Choosing another card shows its settings before anything is sent. */
export function SendForm({ cards, code, to, isSendable }: SendFormProps) {
  const t = useTranslations('testSend')
  const router = useRouter()
  const [state, send] = useFormAction(startTest)
  return (
    <form action={send} className="sheet section" noValidate>
      <div className="send-form">
        <Field label={t('as')}>
          <Select name="as" defaultValue={code} onChange={event => router.push(`/test-send?as=${encodeURIComponent(event.target.value)}`, { scroll: false })}>
            {cards.map(card => (
              <option key={card.code} value={card.code}>
                {t('asOption', card)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t('to')} error={state.fieldErrors.to}>
          <Input name="to" inputMode="email" defaultValue={state.values.to ?? to} autoComplete="off" autoCapitalize="none" spellCheck={false} />
        </Field>
        {isSendable ? <SubmitButton look="main">{t('send')}</SubmitButton> : null}
      </div>
      {cards.length > 1 ? (
        <noscript>
          <button type="submit" className="button small" formAction="/test-send" formMethod="get">
            {t('showRoute')}
          </button>
        </noscript>
      ) : null}
      {isSendable ? null : (
        <div className="mt-4">
          <Notice tone="attention">
            <p>{t('noEmail', { code })}</p>
          </Notice>
        </div>
      )}
      {state.status === 'refused' ? <SectionOutcome state={state} /> : null}
    </form>
  )
}
