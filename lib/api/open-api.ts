import { z } from 'zod'
import { errorAnswer } from './answer-schema'
import { type Endpoint, endpoints } from './endpoints'
import { openApiWebhooks } from './open-api-webhooks'
import { idempotencyKeyPattern } from './queue-messages'

type Schema = Record<string, unknown>

let made: Schema | undefined

/** The description of the API, OpenAPI 3.1, from the very schemas that requests are read by. */
export function openApi(): Schema {
  made ??= {
    openapi: '3.1.0',
    info: {
      title: 'Posthorn',
      version: '1',
      description: 'Hand mail to Posthorn and follow what becomes of it. Every request carries a company’s API key: `Authorization: Bearer ph_…`.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ key: [] }],
    paths: pathsOf(endpoints),
    webhooks: openApiWebhooks(),
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key of the company, made at /settings/api-keys.' } },
      schemas: { Error: schemaOf(errorAnswer, 'output') },
    },
  }
  return made
}

function pathsOf(all: Endpoint[]): Schema {
  const paths: Record<string, Schema> = {}
  for (const endpoint of all) {
    const operations = paths[endpoint.path] ?? {}
    operations[endpoint.method.toLowerCase()] = operationOf(endpoint)
    paths[endpoint.path] = operations
  }
  return paths
}

function operationOf({ id, summary, path, query, body, takesIdempotencyKey, status, answer, errors }: Endpoint): Schema {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
  return {
    operationId: id,
    summary,
    parameters: [...inPath, ...queryParameters(query), ...(takesIdempotencyKey ? [idempotencyKey] : [])],
    ...(body ? { requestBody: { required: true, content: json(schemaOf(body, 'input')) } } : {}),
    responses: {
      [status]: { description: 'Done', content: json(schemaOf(answer, 'output')) },
      ...Object.fromEntries([...errors, ...everywhere].map(error => [error, errorOf(error)])),
    },
  }
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'The same key and body: the same answer, and nothing is queued twice. The body is the same when its bytes are: written anew with other blanks or another order of fields it is another, and another body under the same key gets 409. Each endpoint has its own keys: the same one at /messages and at /messages/batch names two requests. A key counts for the whole company, whichever API key it comes with: a program that gets a new API key sends nothing twice, and two programs must not choose the same.',
  schema: { type: 'string', minLength: 1, maxLength: 200, pattern: idempotencyKeyPattern.source },
}

function queryParameters(query: z.ZodObject | undefined): Schema[] {
  if (!query) return []
  const { properties = {} } = schemaOf(query, 'input') as { properties?: Record<string, Schema> }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({ name, in: 'query', required: false, description, schema }))
}

/** What may be said of any request: one that is none, or came too slowly, too long, or at a bad time. */
export const everywhere = [400, 408, 431, 500, 503]

const meanings: Record<number, string> = {
  400: 'The request is malformed, or its body is not JSON in UTF-8',
  401: 'No key, or one that is not valid',
  403: 'The key may not do this',
  404: 'There is no such thing, or it is not the key’s',
  408: 'The request did not arrive whole in time',
  409: 'It does not go with what happened before',
  413: 'Too large',
  415: 'The content type is not application/json',
  422: 'A value cannot be used; `field` says which',
  429: 'Too many requests; `Retry-After` says when to come again',
  431: 'Address and headers are too long',
  500: 'A fault of ours; `request_id` names it in the log. The same request under its Idempotency-Key queues nothing twice',
  503: 'Nothing can be stored or read for the moment (`unavailable`), or no engine answers (`engineAway`); `Retry-After` says when to come again. The same request under its Idempotency-Key queues nothing twice',
}

const errorOf = (status: number) => ({
  description: meanings[status] ?? 'Refused',
  ...(status === 429 || status === 503 ? { headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds' } } } : {}),
  content: json({ $ref: '#/components/schemas/Error' }),
})

const json = (schema: Schema) => ({ 'application/json': { schema } })

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema, ...described } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return described
}
