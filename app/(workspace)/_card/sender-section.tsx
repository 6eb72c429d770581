'use client'

import { useTranslations } from 'next-intl'
import { Section } from '@/app/_ui/sheet'
import { Notice } from '@/app/_ui/state'
import type { Forecast } from '@/lib/deliverability/forecast'
import { useSenderName } from '../_route/use-sender-name'
import { type CardPageView, whoseIs } from './card-view'
import { Choice } from './choice'
import { isRefusedAhead } from './forecast-panel'
import { MicrosoftFields } from './microsoft-fields'
import { RefusalAhead } from './refusal-ahead'
import { type FieldLocks, SmtpFields } from './smtp-fields'
import type { MicrosoftActions } from './use-microsoft-actions'
import type { SenderFieldsState } from './use-sender-fields'

type SenderSectionProps = {
  view: CardPageView
  state: SenderFieldsState
  isPersonalMailbox: boolean // on screen, at Microsoft
  microsoft: MicrosoftActions
  forecast: Forecast | null
  errors: Record<string, string>
  onPassword: (hasTyped: boolean) => void
}

/** *Mail sender*: four ways, each with what the recipient will see; the fields of the chosen one open in place. */
export function SenderSection({ view, state, isPersonalMailbox, microsoft, errors, forecast, onPassword }: SenderSectionProps) {
  const t = useTranslations('card')
  const { sender, platform, eventAddress } = view
  const name = useSenderName(platform)
  const whose = whoseIs(view)
  const { fields, set } = state
  const may = sender.mayChange
  const locks: FieldLocks = { server: may !== 'everything', username: may === 'password' || may === 'nothing', password: may === 'nothing' }
  const shared = (value: string) => ({ value, checked: fields.choice === value, onChoose: (choice: string) => set({ choice }) })
  const replyToText = t.rich('sender.replyToText', { whose, address: eventAddress, nowrap: chunks => <span className="nowrap">{chunks}</span> })
  const aside = may === 'nothing' || may === 'login' ? t(`aside.${may}`) : may === 'password' ? t('aside.base') : null
  return (
    <Section title={t('sender.title')} titleId="sender-title" intro={t('sender.lead')}>
      {aside ? (
        <Notice>
          <p>{aside}</p>
        </Notice>
      ) : null}
      <div className="choices" role="radiogroup" aria-labelledby="sender-title" aria-describedby={errors.choice ? 'choice-error' : undefined}>
        <Choice
          {...shared('platform')}
          label={name('platform', sender.baseCode)}
          tag={t('sender.default')}
          locked={may === 'password' || may === 'nothing'}
          text={
            sender.baseChoice === 'replyTo'
              ? replyToText
              : sender.baseCode
                ? t('sender.followText', { whose, code: sender.baseCode })
                : t('sender.platformText', { whose, platform })
          }
        >
          {forecast && isRefusedAhead(forecast) ? (
            <RefusalAhead forecast={forecast} platform={platform} onReplyTo={may === 'everything' ? () => set({ choice: 'replyTo' }) : null} />
          ) : null}
        </Choice>
        <Choice {...shared('smtp')} label={name('smtp')} locked={may === 'password' || may === 'nothing'} text={t('sender.smtpText', { whose })}>
          <SmtpFields view={view} state={state} isPersonalMailbox={isPersonalMailbox} errors={errors} locks={locks} onPassword={onPassword} />
        </Choice>
        <Choice {...shared('microsoft365')} label={name('microsoft365')} locked={may !== 'everything'} text={t('sender.microsoftText', { whose })}>
          <MicrosoftFields
            view={view}
            state={state}
            isPersonalMailbox={isPersonalMailbox && fields.choice === 'microsoft365'}
            errors={errors}
            actions={microsoft}
            isLocked={may !== 'everything'}
          />
        </Choice>
        <Choice {...shared('replyTo')} label={name('replyTo')} locked={may !== 'everything'} text={replyToText} />
      </div>
      {errors.choice ? (
        <p className="error mt-2" id="choice-error">
          {errors.choice}
        </p>
      ) : null}
    </Section>
  )
}
