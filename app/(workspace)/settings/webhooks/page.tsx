import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { requireAdmin } from '@/app/_auth/require-actor'
import { PageHead } from '@/app/_ui/sheet'
import { Notice } from '@/app/_ui/state'
import { getDb } from '@/db/client'
import { listWebhooks } from '@/lib/webhook/webhook'
import { CreateWebhookForm } from './create-webhook-form'
import { WebhookList } from './webhook-list'

type WebhooksPageProps = { searchParams: Promise<{ deleted?: string | string[] }> }

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('webhooks'))('title') }
}

export default async function WebhooksPage({ searchParams }: WebhooksPageProps) {
  const actor = await requireAdmin()
  const [t, webhooks, { deleted }] = await Promise.all([getTranslations('webhooks'), listWebhooks(getDb(), actor), searchParams])
  return (
    <>
      <PageHead title={t('title')}>{t('lead')}</PageHead>
      {deleted ? (
        <Notice tone="works" live>
          <p>{t('deleted')}</p>
        </Notice>
      ) : null}
      <WebhookList webhooks={webhooks} />
      <CreateWebhookForm />
    </>
  )
}
