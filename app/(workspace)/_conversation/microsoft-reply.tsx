import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { ButtonLink } from '@/app/_ui/button'
import { CopyBlock } from '@/app/_ui/copy-block'
import type { MicrosoftReplyExplanation } from '@/lib/microsoft365/explain-smtp-reply'

const steps = ['step1', 'step2', 'step3'] as const
const bold = { b: (chunks: ReactNode) => <b>{chunks}</b> }

type MicrosoftReplyProps = { explained: MicrosoftReplyExplanation; cardHref: string | null; graph?: ReactNode }

/** What Exchange Online refused: title, meaning, the click path, the lines to paste, the ways out. `graph`: the switch, where this reader may use it. */
export function MicrosoftReplyHelp({ explained, cardHref, graph = null }: MicrosoftReplyProps) {
  const t = useTranslations('microsoftReply')
  const tConversation = useTranslations('conversation')
  const { kind, mailbox, asAddress, commands, mayMoveToOAuth, mayUseGraph } = explained
  const values = { ...bold, mailbox, hasAddress: asAddress ? 'yes' : 'no', asAddress: asAddress ?? '…' }
  return (
    <div className="explain">
      <h3>{t(`${kind}.title`)}</h3>
      <p>{t.rich(`${kind}.meaning`, values)}</p>
      <h4>{tConversation('whatToDo')}</h4>
      <ol className="numbered">
        {steps
          .map(name => `${kind}.${name}` as const)
          .filter(key => t.has(key))
          .map(key => (
            <li key={key}>
              <span>{t.rich(key as `${typeof kind}.step1`, values)}</span>
            </li>
          ))}
      </ol>
      {commands.length > 0 ? <CopyBlock label={t('commands')} text={commands.join('\n')} wrapped /> : null}
      <div className="actions">
        {mayUseGraph ? graph : null}
        {cardHref && mayMoveToOAuth ? <ButtonLink href={`${cardHref}?preset=microsoft365`}>{t('moveToOAuth')}</ButtonLink> : null}
        {cardHref && !mayMoveToOAuth ? <ButtonLink href={cardHref}>{tConversation('openCard')}</ButtonLink> : null}
        <ButtonLink look="plain" href="/help/microsoft-365">
          {t('guide')}
        </ButtonLink>
      </div>
    </div>
  )
}
