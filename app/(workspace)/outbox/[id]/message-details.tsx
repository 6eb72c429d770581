import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Panel } from '@/app/_ui/sheet'
import type { Message } from '@/db/schema'
import { sizeWords } from '../../_conversation/step-words'
import { AddressText } from '../../_route/address-text'

/** From, Reply-To, return path and the rest of what was fixed when the message was queued. */
export function MessageDetails({ message, code, through }: { message: Message; code: string; through: string }) {
  const t = useTranslations('outbox.message')
  const format = useFormatter()
  const redirected = useTranslations('mailSwitch.message')
  const { fromName, fromAddress, replyTo, envelopeSender, kind, sizeBytes, rfcMessageId, redirectedTo } = message
  return (
    <Panel title={t('details')}>
      <dl className="route">
        <Row label={t('from')}>
          {fromName}
          <br />
          <AddressText address={fromAddress} />
        </Row>
        {replyTo ? (
          <Row label={t('replyTo')}>
            <AddressText address={replyTo} />
          </Row>
        ) : null}
        {redirectedTo ? (
          <Row label={redirected('redirectedTo')}>
            <AddressText address={redirectedTo} />
          </Row>
        ) : null}
        <Row label={t('envelopeSender')}>
          <AddressText address={envelopeSender} />
        </Row>
        <Row label={t('user')}>{`${code}, ${through}`}</Row>
        <Row label={t('kind')}>{t(`kinds.${kind}`)}</Row>
        <Row label={t('size')}>{sizeWords(sizeBytes, format.number)}</Row>
        <Row label={t('messageId')}>
          <span className="mono">{rfcMessageId}</span>
        </Row>
      </dl>
    </Panel>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
