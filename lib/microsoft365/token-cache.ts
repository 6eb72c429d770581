import { z } from 'zod'
import type { Microsoft365Connection } from '@/db/schema'
import { after, minutes, now } from '@/lib/clock'
import { open, type Place, seal } from '@/lib/secret/seal'

type Kept = Pick<Microsoft365Connection, 'tenantId' | 'cardId' | 'homeAccountId'>

export const tokenCachePlace = ({ tenantId, cardId, homeAccountId }: Kept): Place => ({
  table: 'microsoft365_connection',
  column: 'token_cache_sealed',
  tenantId,
  rowId: cardId,
  boundTo: [homeAccountId],
})

export const sealCache = (cache: string, connection: Kept) => seal(cache, tokenCachePlace(connection))
/** What msal-node has persisted. @throws NoKey when the key it was sealed with is unknown */
export const openCache = (connection: Kept & Pick<Microsoft365Connection, 'tokenCacheSealed'>) => open(connection.tokenCacheSealed, tokenCachePlace(connection))

/** The part of msal's cache (its schema is shared by all of Microsoft's libraries) that a token still good is read from. */
const cacheShape = z.object({
  AccessToken: z
    .record(z.string(), z.object({ secret: z.string(), expires_on: z.coerce.number(), target: z.string(), home_account_id: z.string() }))
    .default({}),
  RefreshToken: z.record(z.string(), z.object({ secret: z.string() })).default({}),
})

/** A token for this scope that is good for five more minutes; asking msal for it would begin with a request for metadata. */
export function findFreshToken(cache: string, { homeAccountId, scope }: { homeAccountId: string; scope: string }): string | null {
  const parsed = cacheShape.safeParse(JSON.parse(cache))
  if (!parsed.success) return null
  const until = after(now(), minutes(5)).getTime() / 1000
  const fresh = Object.values(parsed.data.AccessToken).find(
    token => token.home_account_id === homeAccountId && token.expires_on > until && token.target.toLowerCase().split(' ').includes(scope.toLowerCase()),
  )
  return fresh?.secret ?? null
}

/** Whether tokens can be had later, too: a consent without `offline_access` brings none. */
export function hasRefreshToken(cache: string): boolean {
  const parsed = cacheShape.safeParse(JSON.parse(cache))
  return parsed.success && Object.keys(parsed.data.RefreshToken).length > 0
}
