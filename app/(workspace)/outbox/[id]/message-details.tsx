import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { RelativeTime } from '@/app/_ui/relative-time'
import { Panel } from '@/app/_ui/sheet'
import type { MessageView } from '@/lib/message/message'
import { sizeWords } from '../../_conversation/step-words'
import { AddressText } from '../../_route/address-text'

type DetailsProps = { view: MessageView; through: string }

/** From, Reply-To, envelope sender and the rest of what was fixed when the message was queued; which message it sends again, and which send it again. */
export function MessageDetails({ view: { message, code, replyTo, resendOf, resends }, through }: DetailsProps) {
  const t = useTranslations('outbox.message')
  const format = useFormatter()
  const redirected = useTranslations('mailSwitch.message')
  const { fromName, fromAddress, envelopeSender, kind, documentType, documentNumber, sizeBytes, rfcMessageId, redirectedTo } = message
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
        {resendOf ? (
          <Row label={t('resend.of')}>
            <Link href={`/outbox/${resendOf.id}`}>{t('resend.to', { address: resendOf.address })}</Link> <RelativeTime at={resendOf.queuedAt} />
          </Row>
        ) : null}
        <Row label={t('envelopeSender')}>
          <AddressText address={envelopeSender} />
        </Row>
        <Row label={t('user')}>{`${code}, ${through}`}</Row>
        <Row label={t('kind')}>{t(`kinds.${kind}`)}</Row>
        {documentType || documentNumber ? <Row label={t('document')}>{[documentType, documentNumber].filter(Boolean).join(' ')}</Row> : null}
        <Row label={t('size')}>{sizeWords(sizeBytes, format.number)}</Row>
        <Row label={t('messageId')}>
          <span className="mono">{rfcMessageId}</span>
        </Row>
        {resends.length > 0 ? (
          <Row label={t('resend.again')}>
            {resends.map(({ id, address, queuedAt }) => (
              <span key={id} className="block">
                <Link href={`/outbox/${id}`}>{address}</Link> <RelativeTime at={queuedAt} />
              </span>
            ))}
          </Row>
        ) : null}
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
