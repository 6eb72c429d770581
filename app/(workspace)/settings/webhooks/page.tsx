import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { requireAdmin } from '@/app/_auth/require-actor'
import { PageHead } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import { listWebhooks } from '@/lib/webhook/webhook'
import { CreateWebhookForm } from './create-webhook-form'
import { WebhookList } from './webhook-list'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('webhooks'))('title') }
}

export default async function WebhooksPage() {
  const actor = await requireAdmin()
  const [t, webhooks] = await Promise.all([getTranslations('webhooks'), listWebhooks(getDb(), actor)])
  return (
    <>
      <PageHead title={t('title')}>{t('lead')}</PageHead>
      <WebhookList webhooks={webhooks} />
      <CreateWebhookForm />
    </>
  )
}
