import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { ButtonLink } from '@/app/_ui/button'
import { Icon } from '@/app/_ui/icon'
import { explainFailure, type Explanation as Kind } from '@/lib/diagnosis/explain-failure'
import { explainMicrosoftReply } from '@/lib/microsoft365/explain-smtp-reply'
import type { ConversationStep } from '@/lib/transport/conversation'
import { MicrosoftReplyHelp } from './microsoft-reply'

const googlePage = 'https://myaccount.google.com/apppasswords'
const guideOf: Partial<Record<Kind, string>> = { gmailAppPassword: '/help/gmail', timeout: '/help/ip-whitelist', connectionRefused: '/help/ip-whitelist' }
const steps = ['step1', 'step2', 'step3', 'step4'] as const

type ExplanationProps = { step: ConversationStep; host: string; username: string; cardHref: string | null }

/** Why a step failed: title, meaning, what to do. `cardHref` null: the reader is on the card already, or may not open it. */
export function Explanation(props: ExplanationProps) {
  const { step, host, username, cardHref } = props
  const { reply, mechanism } = step.facts
  const explained = reply ? explainMicrosoftReply({ host, username, phase: step.phase, reply, mechanism }) : null
  return explained ? <MicrosoftReplyHelp explained={explained} cardHref={cardHref} /> : <AnyServer {...props} />
}

function AnyServer({ step, host, username, cardHref }: ExplanationProps) {
  const t = useTranslations('conversation')
  const kind = explainFailure({ phase: step.phase, reply: step.facts.reply ?? null, errorCode: step.facts.errorCode ?? null })
  const values = {
    host,
    username,
    google: (chunks: ReactNode) => (
      <a href={googlePage} target="_blank" rel="noreferrer">
        {chunks}
      </a>
    ),
    ip: (chunks: ReactNode) => <Link href="/help/ip-whitelist">{chunks}</Link>,
  }
  const guide = guideOf[kind] ?? '/help/smtp'
  return (
    <div className="explain">
      <h3>{t(`explain.${kind}.title`)}</h3>
      <p>{t.rich(`explain.${kind}.meaning`, values)}</p>
      <h4>{t('whatToDo')}</h4>
      <ol className="numbered">
        {steps
          .map(name => `explain.${kind}.${name}` as const)
          .filter(key => t.has(key))
          .map(key => (
            <li key={key}>
              <span>{t.rich(key as `explain.other.step1`, values)}</span>
            </li>
          ))}
      </ol>
      <div className="actions">
        {cardHref ? <ButtonLink href={cardHref}>{t('openCard')}</ButtonLink> : null}
        {kind === 'gmailAppPassword' ? (
          <a className="button" href={googlePage} target="_blank" rel="noreferrer">
            {t('openGoogle')} <Icon name="external" />
          </a>
        ) : null}
        <ButtonLink {...(cardHref || kind === 'gmailAppPassword' ? { look: 'plain' } : {})} href={guide}>
          {t('showGuide')}
        </ButtonLink>
      </div>
    </div>
  )
}
