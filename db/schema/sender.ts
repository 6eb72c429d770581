import { kit } from '../dialect'
import { cards } from './card'
import { tenants } from './tenant'

const { table, text, boolean, integer, instant } = kit

/** The choice on a card of how its mail leaves. A card without a row has chosen nothing: the first choice. */
export const senders = table('sender', {
  cardId: text('card_id')
    .primaryKey()
    .references(() => cards.id, { onDelete: 'cascade' }),
  tenantId: text('tenant_id')
    .notNull()
    .references(() => tenants.id),
  choice: text('choice', { enum: ['platform', 'smtp', 'microsoft365', 'replyTo'] }).notNull(), // platform: as the base user, if there is one
  host: text('host'), // null: the base user's server
  port: integer('port'), // null together with host
  tls: text('tls', { enum: ['none', 'implicit', 'starttls'] }), // null together with host
  username: text('username'), // null: the server wants no login
  authorIsLogin: boolean('author_is_login').notNull().default(false), // From = the mailbox that signs in, Reply-To = the card's e-mail
  version: integer('version').notNull().default(1),
  updatedAt: instant('updated_at').notNull(),
})

/** The password a card keeps, and the one server and user name it may be shown to. */
export const credentials = table('credential', {
  cardId: text('card_id')
    .primaryKey()
    .references(() => cards.id, { onDelete: 'cascade' }),
  tenantId: text('tenant_id')
    .notNull()
    .references(() => tenants.id),
  host: text('host').notNull(),
  port: integer('port').notNull(),
  tls: text('tls', { enum: ['none', 'implicit', 'starttls'] }).notNull(),
  username: text('username').notNull(),
  passwordSealed: text('password_sealed').notNull(), // additional data holds the four above
  savedAt: instant('saved_at').notNull(),
})

/** How a company wants its users' mail to leave. The tenant is the key, so a second policy cannot exist. */
export const sendingPolicies = table('sending_policy', {
  tenantId: text('tenant_id')
    .primaryKey()
    .references(() => tenants.id),
  baseCardId: text('base_card_id').references(() => cards.id), // null: every card sends by its own choice
  usersMaySet: text('users_may_set', { enum: ['everything', 'login', 'nothing'] }).notNull(),
  authorIsLogin: boolean('author_is_login').notNull().default(false), // for every card: From = the mailbox that signs in
  version: integer('version').notNull().default(1), // a stale form loses; it never overwrites
  updatedAt: instant('updated_at').notNull(),
})

export type Sender = typeof senders.$inferSelect
export type Credential = typeof credentials.$inferSelect
export type SendingPolicy = typeof sendingPolicies.$inferSelect
export type SenderChoice = Sender['choice']
export type Tls = Credential['tls']
