import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { cache } from 'react'
import { requireAdmin } from '@/app/_auth/require-actor'
import { PageHead } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import { Refusal } from '@/lib/errors'
import { getWebhookAndLog } from '@/lib/webhook/delivery'
import { getWebhook } from '@/lib/webhook/webhook'
import { DeleteWebhook } from './delete-webhook'
import { DeliveryLog } from './delivery-log'
import { SecretSection } from './secret-section'
import { WebhookHeadline } from './webhook-headline'
import { WebhookSettings } from './webhook-settings'

type WebhookPageProps = { params: Promise<{ id: string }>; searchParams: Promise<{ before?: string | string[] }> }

export async function generateMetadata({ params }: WebhookPageProps): Promise<Metadata> {
  await findWebhook((await params).id)
  return { title: (await getTranslations('webhooks'))('one') }
}

export default async function WebhookPage({ params, searchParams }: WebhookPageProps) {
  const actor = await requireAdmin()
  const [{ id }, { before }] = await Promise.all([params, searchParams])
  await findWebhook(id)
  const t = await getTranslations('webhooks')
  const { webhook, log } = await getWebhookAndLog(getDb(), actor, { id, before: typeof before === 'string' ? before : undefined, limit: 25 })
  return (
    <>
      <PageHead title={t('one')} then={new URL(webhook.url).host}>
        {t('oneLead')}
      </PageHead>
      <WebhookHeadline webhook={webhook} pending={log.pending} />
      <DeliveryLog webhook={webhook} rows={log.rows} hasFailed={log.hasFailed} nextBefore={log.nextBefore} isFirst={before === undefined} />
      <WebhookSettings webhook={webhook} />
      <SecretSection webhook={webhook} />
      <DeleteWebhook id={webhook.id} isActive={webhook.isActive} />
    </>
  )
}

/** For the title; and a page of none is not found. */
const findWebhook = cache(async (id: string) => {
  try {
    return await getWebhook(getDb(), await requireAdmin(), { id })
  } catch (error) {
    if (error instanceof Refusal) notFound()
    throw error
  }
})
