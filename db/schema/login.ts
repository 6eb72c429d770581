import { languages } from '../../lib/language'
import { kit } from '../dialect'

const { table, text, instant, index } = kit

/** A person who signs in. May hold a card in several companies. */
export const logins = table('login', {
  id: text('id').primaryKey(),
  email: text('email').notNull().unique(), // lower case
  passwordHash: text('password_hash'), // argon2id; null: cannot sign in by password
  language: text('language', { enum: languages }), // null: as the browser asks
  createdAt: instant('created_at').notNull(),
})

/** One signed-in browser. Looked up on every read, so revoking it works at once. */
export const sessions = table(
  'session',
  {
    id: text('id').primaryKey(),
    loginId: text('login_id')
      .notNull()
      .references(() => logins.id, { onDelete: 'cascade' }),
    tenantId: text('tenant_id'), // the company worked in; null until one is chosen
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'), // null: valid
  },
  t => [index('session_by_login').on(t.loginId)],
)

export type Login = typeof logins.$inferSelect
export type Session = typeof sessions.$inferSelect
