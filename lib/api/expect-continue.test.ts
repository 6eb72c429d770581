import { once } from 'node:events'
import { request as ask, type IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'

const invoice = JSON.stringify({ from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura' })
type Wish = { key: string; path?: string; bytes?: number; contentType?: string }

/** A program that asks before it sends: whether it was told to go on, and the answer in the end. */
async function askFirst(port: number, { key, path = '/messages', bytes = invoice.length, contentType = 'application/json' }: Wish) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': contentType, 'content-length': bytes, expect: '100-continue' }
  const sent = ask({ port, host: '127.0.0.1', path: `/api/v1${path}`, method: 'POST', headers })
  let isWanted = false
  sent.once('continue', () => {
    isWanted = true
    sent.end(invoice)
  })
  sent.flushHeaders()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  answer.resume()
  sent.on('error', () => undefined).destroy()
  return { status: answer.statusCode, isWanted }
}

test('who asks before sending a body sends it only when somebody wants it', async () => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const { key, port } = api
  expect(await askFirst(port, { key })).toEqual({ status: 202, isWanted: true })
  expect(await askFirst(port, { key: 'ph_revoked' }), 'a key that opens nothing').toEqual({ status: 401, isWanted: false })
  expect(await askFirst(port, { key, path: '/nothing' })).toEqual({ status: 404, isWanted: false })
  expect(await askFirst(port, { key, contentType: 'text/plain' })).toEqual({ status: 415, isWanted: false })
  expect(await askFirst(port, { key, bytes: 65 * 1024 * 1024 }), 'it is too large').toEqual({ status: 413, isWanted: false })
})
