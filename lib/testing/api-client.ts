import assert from 'node:assert/strict'
import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { errorAnswer } from '@/lib/api/answer-schema'
import { createApiKey } from '@/lib/api/api-key'
import { type ApiKeyInput, apiKeyForm } from '@/lib/api/api-key.form'
import { endpoints } from '@/lib/api/endpoints'
import { everywhere } from '@/lib/api/open-api'
import { type ApiServerOptions, startApiServer } from '@/lib/api/start-api-server'

export type Answer = { status: number; body: Record<string, unknown>; headers: Headers }
type Request = { method?: string; key?: string | null; body?: unknown; headers?: Record<string, string> }

/** The HTTP API on a free port of this machine, with a key of all cards of the admin's company. */
export async function startApi(db: Db, admin: Actor, options: Partial<ApiServerOptions> = {}) {
  const server = await startApiServer(db, { port: 0, host: '127.0.0.1', say: (language, code) => `${language}: ${code}`, ...options })
  if (!server) throw new Error('no port')
  const { key: own } = await makeKey(db, admin)
  const url = `http://127.0.0.1:${server.port}/api/v1`
  return {
    url,
    port: server.port,
    key: own,
    /** A body that is text or bytes goes as it is, anything else as JSON. */
    async ask(path: string, { method, key = own, body, headers = {} }: Request = {}): Promise<Answer> {
      const isRaw = typeof body === 'string' || body instanceof Uint8Array
      const response = await fetch(`${url}${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : isRaw ? (body as string) : JSON.stringify(body),
      })
      const text = await response.text()
      const answer: Answer = { status: response.status, body: text ? JSON.parse(text) : {}, headers: response.headers }
      assertDescribed(answer, path, { method: method ?? (body === undefined ? 'GET' : 'POST') })
      return answer
    },
    stop: () => server.close(),
    async [Symbol.asyncDispose]() {
      await server.close()
    },
  }
}

/** Every answer of every test is one that the published description knows: its status, and no field more or less. */
function assertDescribed({ status, body }: Answer, path: string, { method }: { method: string }): void {
  const asked = (path.split('?')[0] ?? '').replace(/\/$/, '')
  const endpoint = endpoints.find(known => known.method === method && new RegExp(`^${known.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(asked))
  if (!endpoint || status === 405) return // nothing is described there
  const isDone = status === endpoint.status
  assert(isDone || endpoint.errors.includes(status) || everywhere.includes(status), `${method} ${path} answers ${status}, which is not described`)
  assert.deepEqual((isDone ? endpoint.answer : errorAnswer).parse(body), body)
}

/** A key of the company that may send as all its cards, but for what `input` says otherwise. */
export const makeKey = (db: Db, admin: Actor, input: Partial<Record<keyof ApiKeyInput, unknown>> = {}) =>
  createApiKey(db, admin, apiKeyForm.parse({ name: 'ERP', scope: 'send', cards: 'all', ...input }))
