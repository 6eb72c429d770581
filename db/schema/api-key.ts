import { kit } from '../dialect'
import { cards } from './card'
import { tenants } from './tenant'

const { table, text, boolean, instant, json, index, primaryKey } = kit

/** What a program of a company signs in with, over HTTP and SMTP. The key itself is shown once and never stored. */
export const apiKeys = table(
  'api_key',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(), // its first characters, to recognise it by
    keyHash: text('key_hash').notNull().unique(), // SHA-256: a key has too many random bits to be guessed
    scope: text('scope', { enum: ['send', 'read'] }).notNull(), // send may read too
    allCards: boolean('all_cards').notNull(), // false: the cards of api_key_card only
    allowCidrs: json('allow_cidrs').notNull(), // string[]; empty: from any address
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at'), // to the minute; null: never
    expiresAt: instant('expires_at'), // null: it does not
    revokedAt: instant('revoked_at'), // null: valid
  },
  t => [index('api_key_listing').on(t.tenantId, t.createdAt)],
)

/** A card that a key may send as. */
export const apiKeyCards = table(
  'api_key_card',
  {
    apiKeyId: text('api_key_id')
      .notNull()
      .references(() => apiKeys.id, { onDelete: 'cascade' }),
    cardId: text('card_id')
      .notNull()
      .references(() => cards.id, { onDelete: 'cascade' }),
  },
  t => [primaryKey({ columns: [t.apiKeyId, t.cardId] })],
)

export type ApiKey = typeof apiKeys.$inferSelect
