import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { requireActor } from '@/app/_auth/require-actor'
import { type CardQuery, CardScreen } from '../../_card/card-screen'

type OwnCardPageProps = { searchParams: Promise<CardQuery> }

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('card'))('title') }
}

export default async function OwnCardPage({ searchParams }: OwnCardPageProps) {
  const actor = await requireActor()
  return <CardScreen actor={actor} code={actor.code} query={await searchParams} />
}
