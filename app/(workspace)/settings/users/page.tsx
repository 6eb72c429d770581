import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { requireAdmin } from '@/app/_auth/require-actor'
import { bindShortWords } from '@/app/_i18n/bind-short-words'
import { PageHead } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import { listCards } from '@/lib/card/card'
import { env } from '@/lib/env'
import { getTenant } from '@/lib/tenant/tenant'
import { AddUserForm } from './add-user-form'
import { CardsOnPasswords } from './cards-on-passwords'
import { UserList } from './user-list'

type UsersPageProps = { searchParams: Promise<{ q?: string }> }

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('users'))('title') }
}

export default async function UsersPage({ searchParams }: UsersPageProps) {
  const actor = await requireAdmin()
  const { q = '' } = await searchParams
  const [t, cards, tenant] = await Promise.all([getTranslations('users'), listCards(getDb(), actor), getTenant(getDb(), actor)])
  const found = q.trim() ? await listCards(getDb(), actor, { search: q }) : cards
  return (
    <>
      <PageHead title={t('title')}>{t('lead', { company: bindShortWords(tenant.name) })}</PageHead>
      <UserList cards={found} search={q} platform={env.platform.name} baseCode={cards.find(card => card.isBase)?.code ?? null} />
      <CardsOnPasswords actor={actor} />
      <AddUserForm />
    </>
  )
}
