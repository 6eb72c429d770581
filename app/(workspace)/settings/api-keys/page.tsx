import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { requireAdmin } from '@/app/_auth/require-actor'
import { PageHead } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import { listApiKeys } from '@/lib/api/api-key'
import { now } from '@/lib/clock'
import { ApiKeyList } from './api-key-list'
import { CreateApiKeyForm } from './create-api-key-form'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('apiKeys'))('title') }
}

export default async function ApiKeysPage() {
  const actor = await requireAdmin()
  const [t, keys] = await Promise.all([getTranslations('apiKeys'), listApiKeys(getDb(), actor)])
  return (
    <>
      <PageHead title={t('title')}>{t.rich('lead', { docs: words => <Link href="/docs/api">{words}</Link> })}</PageHead>
      <ApiKeyList keys={keys.map(key => ({ ...key, isOver: key.expiresAt !== null && key.expiresAt <= now() }))} />
      <CreateApiKeyForm />
    </>
  )
}
