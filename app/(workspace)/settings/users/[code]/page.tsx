import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { requireAdmin } from '@/app/_auth/require-actor'
import { getDb } from '@/db/client'
import { listCards } from '@/lib/card/card'
import { type CardQuery, CardScreen } from '../../../_card/card-screen'

type CardPageProps = { params: Promise<{ code: string }>; searchParams: Promise<CardQuery> }

const codeOf = async (params: CardPageProps['params']) => decodeURIComponent((await params).code).toUpperCase()

export async function generateMetadata({ params }: CardPageProps): Promise<Metadata> {
  return { title: await codeOf(params) }
}

export default async function CardPage({ params, searchParams }: CardPageProps) {
  const actor = await requireAdmin()
  const code = await codeOf(params)
  const cards = await listCards(getDb(), actor)
  if (!cards.some(card => card.code === code)) notFound()
  return <CardScreen actor={actor} code={code} byAdmin query={await searchParams} />
}
