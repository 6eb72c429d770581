'use server'

import { revalidatePath } from 'next/cache'
import { formAction, saved } from '@/app/_forms/form-action'
import { wellFilled } from '@/app/_forms/well-filled'
import { getDb } from '@/db/client'
import { assertNewCard, createCard } from '@/lib/card/card'
import { newCardForm } from '@/lib/card/card.form'

/** Makes a card; a new person's first password is in the answer, once. */
export const addUser = formAction(
  newCardForm,
  async (input, actor) => {
    const { card, firstPassword } = await createCard(getDb(), actor, input)
    revalidatePath('/settings/users')
    return saved('users.add.done', { keyValues: { code: card.code }, result: { code: card.code, firstPassword }, values: {} })
  },
  (fields, actor) => assertNewCard(getDb(), actor, wellFilled(newCardForm, fields)),
)
