import { kit } from '../dialect'

const { table, text, boolean, instant } = kit

/** Whether a mail domain's SPF admitted the platform when it was last looked up. Public knowledge, so it belongs to no company. */
export const domainAdmissions = table('domain_admission', {
  domain: text('domain').primaryKey(),
  admits: boolean('admits').notNull(),
  checkedAt: instant('checked_at').notNull(),
  expiresAt: instant('expires_at').notNull(), // as DNS says; the last answer counts while there is no newer one
})
