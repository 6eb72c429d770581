import { z } from 'zod'
import { checkboxField } from '@/lib/checkbox-field'
import { versionField } from '@/lib/version-field'

/** The fields of the choice as the card's form posts them. Server and user name are read where the company's rules are known. */
export const senderForm = z.object({
  choice: z.enum(['platform', 'smtp', 'microsoft365', 'replyTo'], { error: 'choiceNeeded' }),
  server: z.string().max(300, 'serverHostInvalid').default(''),
  tls: z.enum(['none', 'implicit', 'starttls', ''], { error: 'tlsInvalid' }).default(''), // '': as the port asks
  username: z
    .string()
    .max(320, 'usernameInvalid')
    .refine(text => !/[\p{Cc}\p{Cs}]/u.test(text), 'usernameInvalid')
    .default(''),
  password: z
    .string()
    .max(1000, 'passwordInvalid')
    .refine(text => !/[\0\r\n]/.test(text), 'passwordInvalid')
    .default(''), // '': keep the one that is stored
  authorIsLogin: checkboxField,
  version: versionField.default(0),
})

export type SenderInput = z.output<typeof senderForm>
