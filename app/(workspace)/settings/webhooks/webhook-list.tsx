import { useTranslations } from 'next-intl'
import { RelativeTime } from '@/app/_ui/relative-time'
import { EmptyState } from '@/app/_ui/sheet'
import { Status } from '@/app/_ui/state'
import { HeadCell, MainLink, Table } from '@/app/_ui/table'
import type { WebhookView } from '@/lib/webhook/webhook'
import { webhookLook } from './webhook-look'

/** The company's webhooks, and whether each of them hears. */
export function WebhookList({ webhooks }: { webhooks: WebhookView[] }) {
  const t = useTranslations('webhooks')
  if (webhooks.length === 0)
    return (
      <div className="sheet">
        <EmptyState title={t('empty.title')}>{t('empty.text')}</EmptyState>
      </div>
    )
  const head = (
    <tr>
      <HeadCell className="subject pl-4">{t('column.url')}</HeadCell>
      <HeadCell>{t('column.state')}</HeadCell>
      <HeadCell className="when">{t('column.since')}</HeadCell>
    </tr>
  )
  return (
    <div className="sheet">
      <Table caption={t('title')} head={head}>
        {webhooks.map(webhook => {
          const { state, tone, icon } = webhookLook(webhook)
          return (
            <tr key={webhook.id} className="max-[600px]:grid-cols-[0_minmax(0,1fr)_auto]">
              <td className="subject min-[601px]:pl-4">
                <MainLink href={`/settings/webhooks/${webhook.id}`}>{webhook.url}</MainLink>
                <span className="under">{t('eventCount', { count: webhook.events.length })}</span>
              </td>
              <td className="what">
                <Status tone={tone} icon={icon}>
                  {t(`state.${state}`)}
                </Status>
              </td>
              <td className="when">
                <RelativeTime at={webhook.createdAt} short />
              </td>
            </tr>
          )
        })}
      </Table>
    </div>
  )
}
