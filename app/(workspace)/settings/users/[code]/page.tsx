import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { cache } from 'react'
import { requireAdmin } from '@/app/_auth/require-actor'
import { getDb } from '@/db/client'
import { listCards } from '@/lib/card/card'
import { type CardQuery, CardScreen } from '../../../_card/card-screen'

type CardPageProps = { params: Promise<{ code: string }>; searchParams: Promise<CardQuery> }

export async function generateMetadata({ params }: CardPageProps): Promise<Metadata> {
  return { title: await findCode((await params).code) }
}

export default async function CardPage({ params, searchParams }: CardPageProps) {
  const actor = await requireAdmin()
  const code = await findCode((await params).code)
  return <CardScreen actor={actor} code={code} byAdmin query={await searchParams} />
}

/** Looked up once for title and page. */
const findCode = cache(async (typed: string) => {
  const code = decodeURIComponent(typed).toUpperCase()
  const cards = await listCards(getDb(), await requireAdmin())
  return cards.some(card => card.code === code) ? code : notFound()
})
