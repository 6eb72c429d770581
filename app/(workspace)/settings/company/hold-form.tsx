'use client'

import { useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { SectionOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import { Status } from '@/app/_ui/state'
import { switchHold } from './actions'

/** Whether anything of the company leaves at all. */
export function HoldForm({ heldAt, held }: { heldAt: string | null; held: number }) {
  const t = useTranslations('mailSwitch.hold')
  const [state, submit] = useFormAction(switchHold)
  return (
    <form action={submit} className="sheet">
      <input type="hidden" name="hold" value={heldAt ? 'off' : 'on'} />
      <Section title={t('title')}>
        <div className="mt-2">
          <Status tone={heldAt ? 'attention' : 'works'} why={heldAt ? t('onHint', { count: held }) : t('offHint')}>
            {heldAt ? t.rich('on', { when: () => <RelativeTime at={new Date(heldAt)} /> }) : t('off')}
          </Status>
        </div>
        <SectionOutcome state={state} />
      </Section>
      <SectionFoot>
        <SubmitButton>{heldAt ? t('go') : t('stop')}</SubmitButton>
      </SectionFoot>
    </form>
  )
}
