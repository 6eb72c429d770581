import { kit } from '../dialect'
import { cards } from './card'
import { tenants } from './tenant'

const { table, text, integer, instant, index, primaryKey } = kit

/** A card's consent to send by its Microsoft 365 mailbox. The card is the key, so a second connection cannot exist. */
export const microsoft365Connections = table(
  'microsoft365_connection',
  {
    cardId: text('card_id')
      .primaryKey()
      .references(() => cards.id, { onDelete: 'cascade' }),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    microsoftTenantId: text('tid').notNull(), // with `oid` who consented; an address is never an identity
    objectId: text('oid').notNull(),
    homeAccountId: text('home_account_id').notNull(), // msal's name for the account in the token cache
    address: text('address').notNull(), // the mailbox of the person who consented, as Microsoft named it
    agreedUsername: text('agreed_username'), // the card's user name this mailbox serves, lower case; null: the addresses differ and nobody has agreed yet
    saslUser: text('sasl_user'), // the name the server took with this token; null: none yet
    via: text('via', { enum: ['smtp', 'graph'] })
      .notNull()
      .default('smtp'),
    scopes: text('scopes').notNull(), // blank-separated, as granted
    tokenCacheSealed: text('token_cache_sealed').notNull(), // msal-node's cache; it never shows a refresh token by itself
    state: text('state', { enum: ['active', 'reconnectNeeded'] })
      .notNull()
      .default('active'),
    cause: text('cause'), // AADSTS code, or the error's name, of the refusal; null while active
    causeText: text('cause_text'), // Microsoft's own words; null: active, or it said nothing
    connectedAt: instant('connected_at').notNull(),
    refreshedAt: instant('refreshed_at').notNull(), // the last time Microsoft gave a token
    brokenAt: instant('broken_at'), // null while active
    refreshOwner: text('refresh_owner'), // who asks Microsoft for a token now: one at a time, two at once can end the grant
    refreshUntil: instant('refresh_until'),
    version: integer('version').notNull().default(1), // a rotated token is never overwritten by an older one
  },
  t => [index('microsoft365_connection_idle').on(t.state, t.refreshedAt)],
)

/** A sign-in at Microsoft that was begun here and has not come back. Gone at its first use, and after ten minutes. */
export const pendingAuthorizations = table(
  'pending_authorization',
  {
    stateHash: text('state_hash').primaryKey(), // SHA-256 of the state that travels through Microsoft
    sessionId: text('session_id').notNull(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    cardId: text('card_id')
      .notNull()
      .references(() => cards.id, { onDelete: 'cascade' }),
    purpose: text('purpose', { enum: ['connect', 'graph'] }).notNull(),
    nonce: text('nonce').notNull(),
    verifierSealed: text('verifier_sealed').notNull(), // PKCE
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  t => [index('pending_authorization_expiry').on(t.expiresAt)],
)

/** A consent that a company's Microsoft administrator has to give, asked for or given: one for each way of sending. */
export const microsoft365AdminConsents = table(
  'microsoft365_admin_consent',
  {
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    purpose: text('purpose', { enum: ['connect', 'graph'] })
      .notNull()
      .default('connect'),
    microsoftTenantId: text('tid'), // null: not known yet
    neededAt: instant('needed_at').notNull(), // when Microsoft said so first
    grantedAt: instant('granted_at'), // null: not granted as far as we know
  },
  t => [primaryKey({ columns: [t.tenantId, t.purpose] })],
)

export type Microsoft365Connection = typeof microsoft365Connections.$inferSelect
export type PendingAuthorization = typeof pendingAuthorizations.$inferSelect
