import { getTranslations } from 'next-intl/server'
import type { z } from 'zod'
import type { Refusal } from '@/lib/errors'
import { log } from '@/lib/log'

type Said = { message: string; fieldErrors: Record<string, string> }

/** The sentence of a Refusal, and of what else it refuses: at its field when the form has that field, else above the form. */
export async function sayRefusal(refusal: Refusal, fieldNames: string[]): Promise<Said> {
  const t = await getTranslations('refusal')
  const fieldErrors: Record<string, string> = {}
  let message = t('checkFields')
  for (const { code, field, values } of [refusal, ...refusal.others]) {
    const sentence = await sentenceOf(code, values)
    if (field && fieldNames.includes(field)) fieldErrors[field] ??= sentence
    else message = sentence
  }
  return { message, fieldErrors }
}

/** The sentences of what a schema found, one a field; an issue of the whole form goes above it. */
export async function sayFieldErrors(error: z.ZodError): Promise<Said> {
  const t = await getTranslations('refusal')
  const fieldErrors: Record<string, string> = {}
  let message = t('checkFields')
  for (const issue of error.issues) {
    const values = issueValues(issue)
    const sentence = await sentenceOf(issue.message, values)
    const field = issue.path[0]
    if (field === undefined) message = sentence
    else fieldErrors[String(field)] ??= sentence
  }
  return { message, fieldErrors }
}

/** The sentence of one code, in the language of the reader. A code without one is our omission: logged, and said in general words. */
export async function sentenceOf(code: string, values: Record<string, string | number> = {}): Promise<string> {
  const t = await getTranslations('refusal')
  if (t.has(code)) return t(code, values)
  log.warn({ code }, 'a refusal without a sentence')
  return t('invalid')
}

function issueValues(issue: z.core.$ZodIssue): Record<string, string | number> {
  const values: Record<string, string | number> = {}
  if ('maximum' in issue) values.max = Number(issue.maximum)
  if ('minimum' in issue) values.min = Number(issue.minimum)
  if ('params' in issue && issue.params)
    for (const [name, value] of Object.entries(issue.params)) if (typeof value === 'string' || typeof value === 'number') values[name] = value
  return values
}
