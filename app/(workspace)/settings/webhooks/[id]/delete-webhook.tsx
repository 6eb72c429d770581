'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import { deleteWebhook, switchWebhook } from '../actions'

/** Away with it: for now, or, after a second thought, for good. */
export function DeleteWebhook({ id, isActive }: { id: string; isActive: boolean }) {
  const t = useTranslations('webhooks')
  const [switched, turn] = useFormAction(switchWebhook)
  const [deleted, remove] = useFormAction(deleteWebhook)
  return (
    <div className="sheet">
      <Section title={t('away.title')} intro={t('away.text')}>
        <FormOutcome state={switched} />
        <FormOutcome state={deleted} />
        <details className="more mt-3">
          <summary>{t('delete')}</summary>
          <form action={remove} className="mt-2 grid justify-items-start gap-2">
            <p className="hint">{t('away.means')}</p>
            <input type="hidden" name="id" value={id} />
            <SubmitButton small look="danger">
              {t('away.confirm')}
            </SubmitButton>
          </form>
        </details>
      </Section>
      {isActive ? (
        <SectionFoot>
          <form action={turn}>
            <input type="hidden" name="id" value={id} />
            <SubmitButton name="isActive" value="false">
              {t('switchOff')}
            </SubmitButton>
          </form>
        </SectionFoot>
      ) : null}
    </div>
  )
}
