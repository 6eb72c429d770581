import type { Actor } from '@/lib/actor/actor'
import { env } from '@/lib/env'

/** The page of a card, to which a sign-in at Microsoft leads back, with what came of it. */
export function cardAddress(actor: Actor, code: string | null, outcome: Record<string, string | null> = {}): URL {
  const isOwn = code === null || code === actor.code
  const url = new URL(isOwn ? '/settings/user' : `/settings/users/${encodeURIComponent(code)}`, env.appUrl)
  if (Object.keys(outcome).length > 0) url.hash = 'microsoft365' // the part of the page that says it
  for (const [name, value] of Object.entries(outcome)) if (value !== null) url.searchParams.set(name, value)
  return url
}
