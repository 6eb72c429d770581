import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sharedShapes } from '@/lib/webhook/payload-schema'
import { parseRequest } from './api-error'
import { endpoints } from './endpoints'
import { fieldsOf } from './fields'
import { messageSchema } from './message-schema'

const { field: explanations } = JSON.parse(readFileSync('app/_i18n/messages/en/apiDocs.json', 'utf8')) as { field: Record<string, string> }

const fields = [
  ...endpoints.flatMap(({ query, body, answer }) => [
    ...(query ? fieldsOf(query, 'input') : []),
    ...(body ? fieldsOf(body, 'input') : []),
    ...fieldsOf(answer, 'output'),
  ]),
  ...Object.values(sharedShapes).flatMap(shape => fieldsOf(shape, 'output')),
]

test.each(Object.keys(explanations))('the explanation of %s stands at a field', name => {
  expect(fields.map(({ explainedBy }) => explainedBy)).toContain(name)
})

test.each(['attachments[].content', 'messages[].attachments[].content', 'attempts[].error', 'recipients[].reply', 'messages[].to', 'data.reason'])(
  'whoever reads of %s is told what it means',
  name => {
    const explained = fields.filter(field => field.name === name).map(({ explainedBy }) => explanations[explainedBy ?? ''])
    expect(explained).not.toEqual([])
    for (const sentence of explained) expect(sentence).toBeTruthy()
  },
)

test('a field that may be null says so as a choice, whatever else it is', () => {
  expect(fields.map(({ type }) => type)).toContain('string | null')
  for (const { name, type } of fields) expect(type, name).not.toMatch(/\S,\S*null/)
})

test.each([
  ['fieldUnknown', (name: string) => ({ [name]: 'x' })],
  ['headerNotAllowed', (name: string) => ({ headers: { [name]: 'x' } })],
])('a name of tens of megabytes (%s) is refused before anybody else waits for it', (code, bodyOf) => {
  const request = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura', text: 'x', ...bodyOf('<p>x</p>'.repeat(2_500_000)) }
  const began = performance.now()
  expect(() => parseRequest(messageSchema, request)).toThrow(expect.objectContaining({ code }))
  expect(performance.now() - began).toBeLessThan(1500)
})
