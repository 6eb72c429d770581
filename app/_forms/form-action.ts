import { headers } from 'next/headers'
import { getTranslations } from 'next-intl/server'
import type { z } from 'zod'
import { findCurrentActor, requireActor } from '@/app/_auth/require-actor'
import { isStorageAway } from '@/db/is-storage-away'
import type { Actor } from '@/lib/actor/actor'
import { Refusal } from '@/lib/errors'
import { log } from '@/lib/log'
import type { FormState } from './form-state'
import { assertStorable, readForm, typedIn } from './read-form'
import { sayFieldErrors, sayRefusal } from './say-refusal'

export type { FormState } from './form-state'
export { idleForm } from './form-state'

/** What an action gives back: a message key for a sentence other than *Saved*, a result for the page, values to show instead of those typed. */
export type Saved<Result> = { key?: string; keyValues?: Record<string, string | number>; result?: Result; values?: Record<string, string> }

/** `return saved('card.saved')`: what happened, as the full key of its sentence. */
export const saved = <Result = undefined>(key?: string, more: Omit<Saved<Result>, 'key'> = {}): Saved<Result> => ({ key, ...more })

type Action<Result> = (previous: FormState<Result>, form: FormData) => Promise<FormState<Result>>

type Fields = ReturnType<typeof readForm>

/** Looks further where the schema has refused already: throws what the domain would refuse of the fields that are well. */
type LookFurther<Who extends unknown[]> = (fields: Fields, ...who: Who) => Promise<unknown>

/**
 * A server action for `useFormAction`, with and without JavaScript: the actor first, then parsing, then `run`.
 * A `Refusal` becomes a sentence at its field or above the form; redirects and bugs go on up. With `lookFurther` one press tells
 * everything that is wrong. Whose session has ended is led to the sign-in, or, where JavaScript can leave the form as it is, asked to
 * sign in beside it. While the database is away nothing typed is lost either.
 */
export function formAction<Schema extends z.ZodType, Result = undefined>(
  schema: Schema,
  // biome-ignore lint/suspicious/noConfusingVoidType: an action may simply end
  run: (input: z.output<Schema>, actor: Actor) => Promise<Saved<Result> | void>,
  lookFurther?: LookFurther<[Actor]>,
): Action<Result> {
  return keepWhileAway(async (_previous, form) => {
    const actor = (await isByScript()) ? await findCurrentActor() : await requireActor()
    if (!actor) return refuseUnread(form, { sentence: 'signedOut', isSignedOut: true })
    return submitForm(schema, form, { run: input => run(input, actor), lookFurther: async fields => lookFurther?.(fields, actor) })
  })
}

/** As `formAction`, for people who are not signed in yet: sign-in, set-up, the language. */
export function publicAction<Schema extends z.ZodType, Result = undefined>(
  schema: Schema,
  // biome-ignore lint/suspicious/noConfusingVoidType: an action may simply end
  run: (input: z.output<Schema>) => Promise<Saved<Result> | void>,
  lookFurther?: LookFurther<[]>,
): Action<Result> {
  return keepWhileAway((_previous, form) => submitForm(schema, form, { run, lookFurther }))
}

const isByScript = async () => (await headers()).has('next-action')

/** While the database is away a form stays as it was filled in, and says when to press again. */
function keepWhileAway<Result>(action: Action<Result>): Action<Result> {
  return async (previous, form) => {
    try {
      return await action(previous, form)
    } catch (error) {
      if (!isStorageAway(error)) throw error
      log.error({ err: error }, 'a form could not be answered while the database is away')
      return refuseUnread(form, { sentence: 'storageAway' })
    }
  }
}

/** What is wrong is at no field. */
async function refuseUnread(
  form: FormData,
  { sentence, isSignedOut }: { sentence: 'signedOut' | 'storageAway'; isSignedOut?: true },
): Promise<FormState<never>> {
  const t = await getTranslations('state')
  return { status: 'refused', isSignedOut, message: t(sentence), fieldErrors: {}, ...typedIn(readForm(form)) }
}

async function submitForm<Schema extends z.ZodType, Result>(
  schema: Schema,
  form: FormData,
  // biome-ignore lint/suspicious/noConfusingVoidType: an action may simply end
  { run, lookFurther }: { run: (input: z.output<Schema>) => Promise<Saved<Result> | void>; lookFurther: LookFurther<[]> | undefined },
): Promise<FormState<Result>> {
  const fields = readForm(form)
  const typed = typedIn(fields)
  const parsed = await schema.safeParseAsync(fields)
  if (!parsed.success) {
    const { message, fieldErrors } = await sayFieldErrors(parsed.error)
    return { status: 'refused', ...typed, message, fieldErrors: { ...(await furtherErrors(fields, lookFurther)), ...fieldErrors } }
  }
  try {
    assertStorable(fields)
    const outcome = (await run(parsed.data)) ?? {}
    const t = await getTranslations()
    const message = t(outcome.key ?? 'state.saved', outcome.keyValues)
    return { status: 'saved', message, fieldErrors: {}, values: outcome.values ?? typed.values, savedAt: new Date().toISOString(), result: outcome.result }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { status: 'refused', ...typed, ...(await sayRefusal(error, Object.keys(fields))) }
  }
}

async function furtherErrors(fields: Fields, lookFurther: LookFurther<[]> | undefined): Promise<Record<string, string>> {
  try {
    assertStorable(fields)
    await lookFurther?.(fields)
    return {}
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return (await sayRefusal(error, Object.keys(fields))).fieldErrors
  }
}
