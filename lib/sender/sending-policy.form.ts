import { z } from 'zod'
import { checkboxField } from '@/lib/checkbox-field'
import { versionField } from '@/lib/version-field'

/** The company's policy as its form posts it. `baseCode` empty: every card sends by its own choice. */
export const sendingPolicyForm = z.object({
  baseCode: z
    .string()
    .max(40, 'cardNotFound')
    .default('')
    .transform(text => text.trim().toUpperCase()),
  usersMaySet: z.enum(['everything', 'login', 'nothing'], { error: 'choiceNeeded' }),
  authorIsLogin: checkboxField,
  version: versionField.default(0),
})

export type SendingPolicyInput = z.output<typeof sendingPolicyForm>
