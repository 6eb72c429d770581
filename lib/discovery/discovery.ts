import type { Tls } from '@/db/schema'

/** Where settings can be found: the data that is shipped, the domain's own file, its SRV records, its MX, a careful try. */
export const sources = ['providers', 'autoconfig', 'srv', 'mx', 'probe'] as const
export type Source = (typeof sources)[number]

/** `failed`: nobody could say; `skipped`: a better answer was there already. */
export type SourceState = 'asking' | 'found' | 'nothing' | 'failed' | 'skipped'

export type FoundServer = { host: string; port: number; tls: Tls; username: string }

/**
 * What one source says. `ask`: a sample of a host that differs from customer to customer; `exchangers`: nobody known, but their names;
 * `isPersonalMailbox`: at Microsoft, which lets no program in there.
 */
export type Finding = { servers: FoundServer[]; providerName: string | null; ask?: string; exchangers?: string[]; isPersonalMailbox?: boolean }

/** Why the person has to say which server it is. */
export type Question = 'hostDiffers' | 'unknown' | 'notLookedUp'

export type Discovery = {
  address: string
  domain: string
  server: FoundServer | null // null: ask
  leadsTo: 'smtp' | 'microsoft365' | 'gmail' | 'personalMailbox' // the last: at Microsoft, whose server lets no program in
  source: Source | null
  sureness: 'sure' | 'likely' | 'guess' | null
  mustConfirm: boolean // before a password may be typed
  providerName: string | null
  question: Question | null
  sample: string | null // `server:port` as it looks at this provider
  states: Record<Source, SourceState>
}
