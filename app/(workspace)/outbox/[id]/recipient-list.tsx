import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Status } from '@/app/_ui/state'
import type { Recipient } from '@/db/schema'
import { explain } from '@/lib/diagnosis/explain-failure'
import { env } from '@/lib/env'
import { codeWords } from '../../_conversation/step-words'
import { WhyAndWhat } from '../../_explanation/why-and-what'
import { messageLook } from '../message-look'

type RecipientListProps = { recipients: Recipient[]; redirectedTo: string | null; isWaiting: boolean; host: string }

/**
 * Every recipient with its own outcome, and what the server said of it. What is queued to it waits as its message does. Of redirected mail
 * the outcome is of the one address it goes to, and nothing goes to its recipients.
 */
export function RecipientList({ recipients, redirectedTo, isWaiting, host }: RecipientListProps) {
  const t = useTranslations('outbox')
  const redirected = useTranslations('mailSwitch.message')
  const outcome = (recipient: Recipient) => <Outcome recipient={recipient} isWaiting={isWaiting} host={host} />
  const [first] = recipients
  return (
    <section className="sheet" aria-labelledby="recipients-title">
      <div className="section">
        <h2 id="recipients-title">{t('message.recipients')}</h2>
        <ul className="mt-3 grid gap-3">
          {redirectedTo && first ? (
            <Line label={redirected('redirectedTo')} address={redirectedTo}>
              {outcome(first)}
            </Line>
          ) : null}
          {recipients.map(recipient => (
            <Line key={recipient.id} label={t(`message.field.${recipient.field}`)} address={recipient.address}>
              {redirectedTo ? <Status tone="quiet">{redirected('notHere')}</Status> : outcome(recipient)}
            </Line>
          ))}
        </ul>
      </div>
    </section>
  )
}

const Line = ({ label, address, children }: { label: string; address: string; children: ReactNode }) => (
  <li className="grid gap-x-6 gap-y-1 min-[601px]:grid-cols-2">
    <span className="[overflow-wrap:anywhere]">
      <span className="soft">{label}:</span> <span className="mono">{address}</span>
    </span>
    <div>{children}</div>
  </li>
)

function Outcome({ recipient, isWaiting, host }: { recipient: Recipient; isWaiting: boolean; host: string }) {
  const t = useTranslations('outbox')
  const { state: own, replyCode, enhancedStatus, replyText } = recipient
  const state = own === 'queued' && isWaiting ? 'waiting' : own
  return (
    <>
      <Status
        tone={messageLook[state].tone}
        icon={messageLook[state].icon}
        why={replyCode ? <span className="mono [overflow-wrap:anywhere]">{`${codeWords({ code: replyCode, enhancedStatus })} ${replyText ?? ''}`}</span> : null}
      >
        {t(`state.${state}`)}
      </Status>
      {replyCode && replyCode >= 400 ? (
        <WhyAndWhat
          explained={explain({ phase: 'rcpt', reply: { code: replyCode, enhancedStatus, text: replyText ?? '' }, errorCode: null })}
          said={null}
          host={host}
          username=""
          platform={env.platform.name}
          mend={null}
        />
      ) : null}
    </>
  )
}
