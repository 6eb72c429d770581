import type { Account } from '@/db/schema'
import { hours, now } from '@/lib/clock'
import { env } from '@/lib/env'

/**
 * What a server bears from one account: connections at once, messages a minute, recipients in any 24 hours; null: no limit.
 * `connectionsOfEngine`: from all accounts of the profile together, for a server that they share.
 */
export type Limits = { name: string; connections: number; connectionsOfEngine: number | null; perMinute: number | null; recipientsPerDay: number | null }

type Served = Pick<Account, 'kind' | 'host' | 'username'>
type Learned = Pick<Account, 'learnedAt' | 'learnedConnections' | 'learnedPerMinute' | 'learnedPerDay'>

/** The operator's figures for a server (`limits` in platform.json): the first profile that knows it. */
export function profileOf({ kind, host, username }: Served): Limits {
  const { limits } = env.platform
  const name = kind === 'relay' ? 'relay' : kind === 'microsoft365' ? 'microsoft365' : null
  const domain = username?.split('@')[1]?.toLowerCase()
  const found = limits.find(profile =>
    name ? profile.name === name : profile.hosts?.includes(host?.toLowerCase() ?? '') && (!profile.domains || (domain && profile.domains.includes(domain))),
  )
  const {
    connections,
    connectionsOfEngine = null,
    perMinute = null,
    recipientsPerDay = null,
    name: chosen,
  } = found ?? limits.find(profile => profile.name === 'generic') ?? { name: 'generic', connections: 3 }
  return { name: chosen, connections, connectionsOfEngine, perMinute, recipientsPerDay }
}

const forgottenPerHour = 1.1 // what was learned grows by a tenth an hour, until the profile's own figure holds again

/** The profile, lowered by what the server has said of late. */
export function limitsOf(account: Served & Learned, at: Date = now()): Limits {
  const profile = profileOf(account)
  if (!account.learnedAt) return profile
  const grown = forgottenPerHour ** Math.max(0, (at.getTime() - account.learnedAt.getTime()) / hours(1))
  const lowered = (own: number | null, learned: number | null) => {
    if (learned === null) return own
    const held = Math.max(1, Math.floor(learned * grown))
    return own === null ? (grown > 100 ? null : held) : Math.min(own, held)
  }
  return {
    ...profile,
    connections: lowered(profile.connections, account.learnedConnections) ?? profile.connections,
    perMinute: lowered(profile.perMinute, account.learnedPerMinute),
    recipientsPerDay: lowered(profile.recipientsPerDay, account.learnedPerDay),
  }
}

/** What of it still holds: a limit that was forgotten does not come back with a lesson about another. */
export function stillLearned(account: Served & Learned, at: Date = now()): Omit<Learned, 'learnedAt'> {
  const [profile, limits] = [profileOf(account), limitsOf(account, at)]
  const lowered = (own: number | null, held: number | null) => (held === own ? null : held)
  return {
    learnedConnections: lowered(profile.connections, limits.connections),
    learnedPerMinute: lowered(profile.perMinute, limits.perMinute),
    learnedPerDay: lowered(profile.recipientsPerDay, limits.recipientsPerDay),
  }
}
