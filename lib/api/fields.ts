import { z } from 'zod'

/** A field as a person reads it: `attachments[].filename`, its type in words of JSON, and the key its explanation is found under. */
export type FieldView = { name: string; type: string; isRequired: boolean; explainedBy: string | null }

type Schema = {
  type?: string | string[] // several: one of them, mostly with null
  format?: string
  enum?: unknown[]
  const?: unknown
  items?: Schema
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: unknown
  contentEncoding?: string
  default?: unknown
}

/** The fields of a schema, those inside others below them. */
export function fieldsOf(schema: z.ZodType, io: 'input' | 'output'): FieldView[] {
  return walk(z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Schema, '')
}

function walk(schema: Schema, prefix: string): FieldView[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, given]) => {
    const field = given.anyOf?.find(({ type }) => type !== 'null') ?? given
    const name = prefix + key
    const isRequired = schema.required?.includes(key) ?? false
    const inside = field.type === 'array' ? walk(field.items ?? {}, `${name}[].`) : walk(field, `${name}.`)
    return [{ name, type: typeOf(given), isRequired, explainedBy: explanation(name) }, ...inside]
  })
}

/** The last name, of what is inside a message too: `messages[].to` is explained as `to`. */
const explanation = (name: string) => name.replace(/^messages\[\]\./, '').replace(/(\[\])?\./g, '_')

function typeOf({ type, format, enum: choices, const: only, items, anyOf, contentEncoding, default: byDefault }: Schema): string {
  const usual = byDefault === undefined || typeof byDefault === 'object' || byDefault === '' ? '' : ` = ${JSON.stringify(byDefault)}`
  if (anyOf) return anyOf.map(typeOf).join(' | ') + usual
  if (choices) return choices.map(choice => JSON.stringify(choice)).join(' | ') + usual
  if (only !== undefined) return JSON.stringify(only)
  if (type === 'array') return `${typeOf(items ?? {})}[]`
  return [[type ?? 'any'].flat().join(' | '), format ?? contentEncoding].filter(Boolean).join(', ') + usual
}
