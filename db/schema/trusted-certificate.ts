import { kit } from '../dialect'
import { tenants } from './tenant'

const { table, text, integer, instant, uniqueIndex } = kit

/** The one certificate that an admin trusts for one account although nobody vouches for it, until a day. A second one takes the place of the first. */
export const trustedCertificates = table(
  'trusted_certificate',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    accountIdentity: text('account_identity').notNull(), // as `account.identity`; the account itself may not be there yet
    host: text('host').notNull(),
    port: integer('port').notNull(),
    fingerprint256: text('fingerprint256').notNull(), // SHA-256 of the server's own certificate, `AB:CD:…`
    subject: text('subject').notNull(), // as it was shown to the admin
    issuer: text('issuer').notNull(),
    trustedByCardId: text('trusted_by_card_id').notNull(),
    trustedAt: instant('trusted_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  t => [uniqueIndex('trusted_certificate_account').on(t.tenantId, t.accountIdentity)],
)

export type TrustedCertificate = typeof trustedCertificates.$inferSelect
