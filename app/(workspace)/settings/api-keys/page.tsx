import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { requireAdmin } from '@/app/_auth/require-actor'
import { PageHead } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import { listApiKeys } from '@/lib/api/api-key'
import { now } from '@/lib/clock'
import { getTenant } from '@/lib/tenant/tenant'
import { ApiKeyList } from './api-key-list'
import { CreateApiKeyForm } from './create-api-key-form'
import { SmtpFacts } from './smtp-facts'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('apiKeys'))('title') }
}

export default async function ApiKeysPage() {
  const actor = await requireAdmin()
  const db = getDb()
  const [t, keys, tenant] = await Promise.all([getTranslations('apiKeys'), listApiKeys(db, actor), getTenant(db, actor)])
  return (
    <>
      <PageHead title={t('title')}>{t.rich('lead', { docs: words => <Link href="/docs/api">{words}</Link> })}</PageHead>
      <ApiKeyList keys={keys.map(key => ({ ...key, isOver: key.expiresAt !== null && key.expiresAt <= now() }))} />
      <CreateApiKeyForm />
      <SmtpFacts slug={tenant.slug} code={actor.code} />
    </>
  )
}
