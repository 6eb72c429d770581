import { Refusal } from '@/lib/errors'

const isSecret = (name: string) => /password|secret|token/i.test(name)

/** The fields of a form as a zod schema takes them: text, or a list where a name occurs several times. */
export function readForm(form: FormData): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  for (const name of new Set(form.keys())) {
    if (name.startsWith('$ACTION')) continue // Next's own
    const texts = form.getAll(name).filter(value => typeof value === 'string')
    fields[name] = texts.length > 1 ? texts : (texts[0] ?? '')
  }
  return fields
}

/** No field has a NUL, whatever its schema lets in: PostgreSQL stores none. @throws Refusal `textUnsafe` at its field */
export function assertStorable(fields: Record<string, string | string[]>): void {
  for (const [name, value] of Object.entries(fields)) if ([value].flat().some(text => text.includes('\0'))) throw new Refusal('textUnsafe', name)
}

/** What was typed, as a refused form shows it again. */
export const typedIn = (fields: Record<string, string | string[]>) => ({ values: typedValues(fields), lists: typedLists(fields) })

/** What was picked of several under one name, which `typedValues` has only the last of. */
export function typedLists(fields: Record<string, string | string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, string[]] => Array.isArray(field[1]) && !isSecret(field[0])))
}

/** What was typed, to fill the form again after an action: React empties it. Passwords never travel back. */
export function typedValues(fields: Record<string, string | string[]>): Record<string, string> {
  const typed = Object.entries(fields).filter(([name]) => !isSecret(name))
  return Object.fromEntries(typed.map(([name, value]) => [name, Array.isArray(value) ? (value.at(-1) ?? '') : value]))
}
