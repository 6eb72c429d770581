import { z } from 'zod'
import { codeField } from '@/lib/card/card.form'
import { nameField } from '@/lib/card/name'
import { longestPassword, shortestPassword } from '@/lib/login/password-length'
import { requiredAddressField } from '@/lib/sender/address'
import { slugField } from '@/lib/tenant/tenant.form'

/** The first visitor of a live installation: their code, their company, themselves. */
export const setupForm = z.object({
  code: z.string().trim().min(1, 'setupCodeWrong').max(100, 'setupCodeWrong'),
  companyName: nameField,
  slug: slugField,
  name: nameField,
  email: requiredAddressField,
  password: z.string().min(shortestPassword, 'passwordTooShort').max(longestPassword, 'passwordTooLong'),
  userCode: codeField,
})

export type SetupInput = z.output<typeof setupForm>
