import type { z } from 'zod'

/** Of a form that its schema refuses, the fields that are well, each by itself. */
export function wellFilled<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, fields: Record<string, unknown>): Partial<z.output<z.ZodObject<Shape>>> {
  const read = Object.entries(schema.shape).map(([name, field]) => [name, (field as z.ZodType).safeParse(fields[name])] as const)
  return Object.fromEntries(read.flatMap(([name, { success, data }]) => (success ? [[name, data]] : []))) as Partial<z.output<z.ZodObject<Shape>>>
}
