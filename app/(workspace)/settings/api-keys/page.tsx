import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { requireAdmin } from '@/app/_auth/require-actor'
import { PageHead } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import { type ApiKeyView, listApiKeys } from '@/lib/api/api-key'
import { after, days, now } from '@/lib/clock'
import { getTenant } from '@/lib/tenant/tenant'
import { ApiKeyList } from './api-key-list'
import { CreateApiKeyForm } from './create-api-key-form'
import { SmtpFacts } from './smtp-facts'

const toldAheadMs = days(14)

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('apiKeys'))('title') }
}

export default async function ApiKeysPage() {
  const actor = await requireAdmin()
  const db = getDb()
  const endsBy = (key: ApiKeyView, at: Date) => key.expiresAt !== null && key.expiresAt <= at
  const [t, keys, tenant] = await Promise.all([getTranslations('apiKeys'), listApiKeys(db, actor), getTenant(db, actor)])
  return (
    <>
      <PageHead title={t('title')}>{t.rich('lead', { docs: words => <Link href="/docs/api">{words}</Link> })}</PageHead>
      <ApiKeyList keys={keys.map(key => ({ ...key, isOver: endsBy(key, now()), isEnding: endsBy(key, after(now(), toldAheadMs)) }))} />
      <CreateApiKeyForm />
      <SmtpFacts slug={tenant.slug} code={actor.code} />
    </>
  )
}
