import { redirect } from 'next/navigation'
import { requireActor } from './_auth/require-actor'
import { firstPath } from './_auth/return-path'

export default async function HomePage() {
  await requireActor()
  redirect(firstPath)
}
