'use client'

import { useTranslations } from 'next-intl'
import { RelativeTime } from '@/app/_ui/relative-time'
import { Status } from '@/app/_ui/state'
import { MainLink } from '@/app/_ui/table'
import type { MessageRow } from '@/lib/message/message'
import { messageLook } from './message-look'
import { messageHref, type OutboxQuery } from './outbox-query'
import { partOf } from './part-of'
import { WhyItStands } from './why-it-stands'

export type OutboxRow = Omit<MessageRow, 'host'> & { through: string }

type MessageRowProps = { row: OutboxRow; filters: OutboxQuery; isPicked: boolean; onPick: (isPicked: boolean) => void }

/** One message: subject and recipient, its state in words, whose it is and through what, when. */
export function MessageTableRow({ row, filters, isPicked, onPick }: MessageRowProps) {
  const t = useTranslations('outbox')
  const redirected = useTranslations('mailSwitch.message')
  const { icon, tone } = messageLook[row.state]
  const part = partOf(row.state, row.recipients)
  const subject = row.subject || t('noSubject')
  const [first, ...others] = row.recipients
  return (
    <tr>
      <td className="pick">
        <input
          className="tick"
          type="checkbox"
          name="ids"
          value={row.id}
          checked={isPicked}
          onChange={event => onPick(event.target.checked)}
          aria-label={t('select', { subject })}
        />
      </td>
      <td className="subject">
        <MainLink className="line-clamp-2" title={subject} href={messageHref(row.id, filters)}>
          {subject}
        </MainLink>
        <span className="under mono">
          {first?.address} {others.length > 0 ? t('moreRecipients', { count: others.length }) : null}
        </span>
        {row.resendOf ? <span className="under hint">{t('resent')}</span> : null}
      </td>
      <td className="what">
        <Status tone={tone} icon={icon} why={<Why {...row} />}>
          {row.redirectedTo && row.state === 'accepted'
            ? redirected('redirected', { address: row.redirectedTo })
            : part
              ? t(`part.${part.state}`, part)
              : t(`state.${row.state}`)}
        </Status>
      </td>
      <td className="code">
        {row.code}
        <span className="under hint">{row.through}</span>
      </td>
      <td className="when">
        <RelativeTime at={row.queuedAt} short />
      </td>
    </tr>
  )
}

/** Why it stands, or that its page says so where no reply does; of one that is redirected, whereto, as long as its state does not say it. */
function Why(row: OutboxRow) {
  const t = useTranslations('outbox')
  const redirected = useTranslations('mailSwitch.message')
  const hasReply = row.recipients.some(({ replyCode }) => replyCode)
  return (
    <>
      {row.redirectedTo && row.state !== 'accepted' ? `${redirected('willRedirect', { address: row.redirectedTo })}. ` : null}
      {row.state === 'refused' && !hasReply ? t('seePage') : <WhyItStands {...row} />}
    </>
  )
}
