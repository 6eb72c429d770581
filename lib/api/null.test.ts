import { expect, test } from 'vitest'
import { bodyOf } from '@/lib/message/body-of'
import { getMessage } from '@/lib/message/message'
import { startApi } from '@/lib/testing/api-client'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'

const invoice = { from_user: 'ANNA', to: ['k@example.test'], subject: 'Faktura 1/11/2026' }
const file = { filename: 'faktura.txt', content: 'YQ==' }
const nulls = (...names: string[]) => Object.fromEntries(names.map(name => [name, null]))
const optional = ['cc', 'bcc', 'reply_to', 'text', 'html', 'headers', 'kind', 'document', 'send_at', 'expires_at']

test('null is what was not given, as .NET and Java write it: the message leaves as without it', async () => {
  await using db = await testDb()
  const { admin, user } = await makeCompany(db)
  await using api = await startApi(db, admin)
  const write = async (body: object) => {
    const queued = await api.ask('/messages', { body })
    expect(queued).toMatchObject({ status: 202 })
    const { message, recipients } = await getMessage(db, user, queued.body as { id: string })
    const bytes = (await bodyOf(db, message)).toString()
    const own = message.rfcMessageId.split('@')[0] ?? ''
    return { kind: message.kind, recipients: recipients.length, bytes: bytes.replaceAll(own, 'id').replace(/^Date:.*$/m, '') }
  }
  const omitted = await write({ ...invoice, attachments: [file] })
  expect(omitted).toMatchObject({ kind: 'document', recipients: 1 })
  expect(await write({ ...invoice, ...nulls(...optional), attachments: [{ ...file, ...nulls('content_type', 'content_id') }] })).toEqual(omitted)
  expect(await write({ ...invoice, attachments: null, document: nulls('type', 'number') })).toMatchObject({ recipients: 1 })
  expect(await write({ ...invoice, to: null, bcc: ['k@example.test'] })).toMatchObject({ recipients: 1 })
})

test.each([
  [nulls('subject'), 'typeWrong', 'subject'],
  [nulls('from_user'), 'typeWrong', 'from_user'],
  [nulls('to'), 'recipientNeeded', 'to'],
  [{ to: [null] }, 'typeWrong', 'to[0]'],
  [{ headers: nulls('X-A') }, 'typeWrong', 'headers.X-A'],
  [{ attachments: [null] }, 'typeWrong', 'attachments[0]'],
  [{ attachments: [{ ...file, ...nulls('content') }] }, 'typeWrong', 'attachments[0].content'],
  [nulls('dkim'), 'fieldUnknown', 'dkim'],
])('null is not enough where something must be given: %j', async (change, code, field) => {
  await using db = await testDb()
  const { admin } = await makeCompany(db)
  await using api = await startApi(db, admin)
  expect(await api.ask('/messages', { body: { ...invoice, ...change } })).toMatchObject({ status: 422, body: { error: { code, field } } })
})
