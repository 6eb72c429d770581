import { z } from 'zod'
import { nameField } from '@/lib/card/name'
import { versionField } from '@/lib/version-field'

/** Local parts that belong to whoever runs the event domain (RFC 2142), not to a company. */
const reserved = [
  'abuse',
  'admin',
  'administrator',
  'bounce',
  'bounces',
  'hostmaster',
  'mailer-daemon',
  'noreply',
  'no-reply',
  'postmaster',
  'root',
  'security',
  'webmaster',
]

/** A company's short name, also the local part of its event address. */
export const slugField = z
  .string()
  .default('')
  .transform(text => text.trim().toLowerCase())
  .pipe(
    z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'slugInvalid')
      .refine(slug => !reserved.includes(slug), 'slugReserved'),
  )

export const tenantForm = z.object({ name: nameField, version: versionField })
export const newTenantForm = z.object({ slug: slugField, name: nameField })

export type TenantInput = z.output<typeof tenantForm>
export type NewTenantInput = z.output<typeof newTenantForm>
