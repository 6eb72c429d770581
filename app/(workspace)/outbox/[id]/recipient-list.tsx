import { useTranslations } from 'next-intl'
import { Status } from '@/app/_ui/state'
import type { Recipient } from '@/db/schema'
import { explain } from '@/lib/diagnosis/explain-failure'
import { env } from '@/lib/env'
import { codeWords } from '../../_conversation/step-words'
import { WhyAndWhat } from '../../_explanation/why-and-what'
import { messageLook } from '../message-look'

type RecipientListProps = { recipients: Recipient[]; isWaiting: boolean; host: string }

/** Every recipient with its own outcome, and what the server said of it. What is queued to it waits as its message does. */
export function RecipientList({ recipients, isWaiting, host }: RecipientListProps) {
  const t = useTranslations('outbox')
  return (
    <section className="sheet" aria-labelledby="recipients-title">
      <div className="section">
        <h2 id="recipients-title">{t('message.recipients')}</h2>
        <ul className="mt-3 grid gap-3">
          {recipients.map(({ id, field, address, state: own, replyCode, enhancedStatus, replyText }) => {
            const state = own === 'queued' && isWaiting ? 'waiting' : own
            return (
              <li key={id} className="grid gap-x-6 gap-y-1 min-[601px]:grid-cols-2">
                <span className="[overflow-wrap:anywhere]">
                  <span className="soft">{t(`message.field.${field}`)}:</span> <span className="mono">{address}</span>
                </span>
                <div>
                  <Status
                    tone={messageLook[state].tone}
                    icon={messageLook[state].icon}
                    why={
                      replyCode ? (
                        <span className="mono [overflow-wrap:anywhere]">{`${codeWords({ code: replyCode, enhancedStatus })} ${replyText ?? ''}`}</span>
                      ) : null
                    }
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
                </div>
              </li>
            )
          })}
        </ul>
      </div>
    </section>
  )
}
