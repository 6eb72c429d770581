import { notFound } from 'next/navigation'
import { requireActor } from '@/app/_auth/require-actor'
import { getDb } from '@/db/client'
import { getMode } from '@/lib/installation/installation'

/** Anybody who is signed in, in a sandbox. A live installation has no such page. */
export async function requireSandbox(): Promise<void> {
  await requireActor()
  if ((await getMode(getDb())) !== 'sandbox') notFound()
}
