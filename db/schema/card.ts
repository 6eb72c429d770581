import { kit } from '../dialect'
import { logins } from './login'
import { tenants } from './tenant'

const { table, text, boolean, integer, instant, uniqueIndex, index } = kit

/** A person in one company. Pages and the API say *user*. */
export const cards = table(
  'card',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    loginId: text('login_id')
      .notNull()
      .references(() => logins.id),
    code: text('code').notNull(), // upper case, unique in the company
    name: text('name').notNull(),
    email: text('email'), // null: cannot send
    emailConfirmedAt: instant('email_confirmed_at'), // null: not yet usable as From through the relay
    role: text('role', { enum: ['admin', 'user'] }).notNull(),
    isActive: boolean('is_active').notNull().default(true),
    bcc: text('bcc'), // null: none
    signature: text('signature').notNull().default(''),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  t => [uniqueIndex('card_code').on(t.tenantId, t.code), uniqueIndex('card_login').on(t.tenantId, t.loginId), index('card_by_login').on(t.loginId)],
)

export type Card = typeof cards.$inferSelect
