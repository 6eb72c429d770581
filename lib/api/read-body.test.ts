import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readBody } from './read-body'

test('a program that goes away in the middle of its body has sent no JSON; it is no fault of ours', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"to":')
  const [request] = (await once(server, 'request')) as [IncomingMessage]
  const read = readBody(request, 'acme')
  request.once('data', () => socket.resetAndDestroy())
  await expect(read).rejects.toMatchObject({ name: 'Refusal', code: 'jsonInvalid' })
  server.close()
})

const coming = (body: string) => Object.assign(Readable.from([Buffer.from(body)]), { headers: {} }) as unknown as IncomingMessage

test.each([
  ['numbers', `[${'0,'.repeat(1_000_001)}0]`],
  ['objects', `[${'{},'.repeat(600_000)}0]`],
  ['names', `{${'"a":0,'.repeat(600_000)}"a":0}`],
  ['lists in lists', '['.repeat(1_100_000)],
])('more %s than a batch can have are refused before they are made into values', async (_, body) => {
  await expect(readBody(coming(body), 'acme')).rejects.toMatchObject({ code: 'tooManyValues' })
})

test.each(['', '\\', '\\\\', '"', '\\"'])('a text may have as many marks as it likes, also behind %j', async before => {
  const body = { a: `${before}${'{"a":["b"]},'.repeat(400_000)}`, b: '{,'.repeat(500_000) + before, c: before }
  expect((await readBody(coming(JSON.stringify(body)), 'acme')).json).toEqual(body)
})

test('a mark of the byte order before the JSON, as .NET writes it, is passed over', async () => {
  expect((await readBody(coming('\ufeff{"subject":"\ufeffx"}'), 'acme')).json).toEqual({ subject: '\ufeffx' })
})

test('a company whose bodies come in without end keeps nobody else out', async () => {
  const megabyte = Buffer.alloc(1024 * 1024, 32)
  const begun = [0, 1].map(() => Object.assign(new PassThrough(), { headers: {} }))
  const reading = begun.map(stream => readBody(stream as unknown as IncomingMessage, 'acme'))
  for (const stream of begun) for (let count = 0; count < 63; count++) if (!stream.write(megabyte)) await once(stream, 'drain')
  await expect(readBody(coming(' '.repeat(3 * 1024 * 1024)), 'acme'), 'half of all is for one company').rejects.toMatchObject({ code: 'tooMuchAtOnce' })
  expect((await readBody(coming('{}'), 'beta')).json).toEqual({})
  for (const stream of begun) stream.end('{}')
  expect(
    (await Promise.all(reading)).map(({ json }) => json),
    'and what had begun is taken',
  ).toEqual([{}, {}])
  expect((await readBody(coming(`${' '.repeat(3 * 1024 * 1024)}{}`), 'acme')).json, 'what was held is given back').toEqual({})
})
