import { useTranslations } from 'next-intl'
import { Section, Sheet } from '@/app/_ui/sheet'
import { Status } from '@/app/_ui/state'

/** Shown only: the operator switches the module. */
export function MailingModule({ isOn }: { isOn: boolean }) {
  const t = useTranslations('company.module')
  return (
    <Sheet>
      <Section title={t('title')}>
        <div className="mt-2">
          <Status tone={isOn ? 'works' : 'quiet'} why={t('hint')}>
            {t(isOn ? 'on' : 'off')}
          </Status>
        </div>
      </Section>
    </Sheet>
  )
}
