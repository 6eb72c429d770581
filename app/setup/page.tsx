import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { Door } from '@/app/_ui/door'
import { getDb } from '@/db/client'
import { env } from '@/lib/env'
import { needsSetup } from '@/lib/installation/installation'
import { SetupForm, type SetupWords } from './setup-form'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('setup')
  return { title: t('title') }
}

export default async function SetupPage() {
  await headers() // asked for at each visit, never while building
  if (!(await needsSetup(getDb()))) notFound()
  const t = await getTranslations('setup')
  const fields = (['code', 'companyName', 'slug', 'name', 'email', 'password', 'userCode'] as const).map(
    name => [name, { label: t(`${name}.label`), hint: t(`${name}.hint`, { domain: env.platform.eventDomain }) }] as const,
  )
  const titles = { codeTitle: t('codeTitle'), companyTitle: t('companyTitle'), personTitle: t('personTitle'), submit: t('submit') }
  return (
    <Door title={t('title')} intro={t('intro')} wide>
      <SetupForm words={{ ...titles, ...Object.fromEntries(fields) } as SetupWords} />
    </Door>
  )
}
