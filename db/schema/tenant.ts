import { kit } from '../dialect'

const { table, text, boolean, integer, instant } = kit

/** A customer of the platform. People read *company*. */
export const tenants = table('tenant', {
  id: text('id').primaryKey(),
  slug: text('slug').notNull().unique(), // also the local part of its event address
  name: text('name').notNull(),
  hasMailingModule: boolean('has_mailing_module').notNull().default(false), // switched by the operator
  keepTextsDays: integer('keep_texts_days').notNull().default(90), // how long the text of a message is kept after its end; the log stays
  heldAt: instant('held_at'), // none of its mail leaves since; null: mail leaves
  redirectTo: text('redirect_to'), // where all of its mail goes instead; null: where it was written to
  redirectUntil: instant('redirect_until'),
  version: integer('version').notNull().default(1),
  createdAt: instant('created_at').notNull(),
})

export type Tenant = typeof tenants.$inferSelect
