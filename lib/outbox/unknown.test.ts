import { expect, test } from 'vitest'
import { recipients } from '@/db/schema'
import { days, hours, minutes, shiftClock } from '@/lib/clock'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { cancelMessages, getMessage } from '@/lib/message/message'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { sendThrough, turn } from '@/lib/testing/outbox'
import { type Act, startStepServer } from '@/lib/testing/step-server'
import { keepHouse } from './housekeeping'

test('what may have arrived stays unknown when its server puts the next try off: nobody is told that it waits, or cancels it', async () => {
  await using db = await testDb()
  const acts: Partial<Record<string, Act[]>> = { dot: ['drop'], rcpt: ['go', '451 4.7.1 Greylisted'] }
  await using server = await startStepServer(point => acts[point]?.shift() ?? 'go')
  const { user } = await makeCompany(db)
  await sendThrough(db, user, { port: server.port, tls: 'none' })
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test'], subject: 'Faktura', text: 'x', kind: 'document' })
  await turn(db)
  const backs = [shiftClock(minutes(2))]
  await turn(db)
  const { message, attempts } = await getMessage(db, user, { id })
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['unknown', 'waiting'])
  expect(message).toMatchObject({ state: 'unknown', dueAt: expect.any(Date) })
  expect(await db.select({ state: recipients.state }).from(recipients)).toEqual([{ state: 'unknown' }])
  expect(await cancelMessages(db, user, { ids: [id] })).toBe(0)
  backs.push(shiftClock(hours(1)))
  await turn(db)
  for (const back of backs) back()
  expect((await getMessage(db, user, { id })).message).toMatchObject({ state: 'accepted' })
})

test('who was put off before the data of a letter that is unknown now does not vanish: that one expires with it', async () => {
  await using db = await testDb()
  const acts: Partial<Record<string, Act[]>> = { dot: ['drop'], rcpt: ['go', '452 4.2.2 Mailbox full'] }
  await using server = await startStepServer(point => acts[point]?.shift() ?? 'go')
  const { user } = await makeCompany(db)
  await sendThrough(db, user, { port: server.port, tls: 'none' })
  const { id } = await enqueueMessage(db, user, { to: ['klient@example.test', 'pelna@example.test'], subject: 'List', text: 'x', kind: 'letter' })
  await turn(db)
  const seen = async () => {
    const { message, recipients } = await getMessage(db, user, { id })
    return [message.state, message.endedAt !== null, ...recipients.map(({ state }) => state)]
  }
  expect(await seen()).toEqual(['unknown', false, 'unknown', 'waiting'])
  const back = shiftClock(days(6))
  await turn(db)
  await keepHouse(db)
  back()
  expect(await seen()).toEqual(['unknown', true, 'unknown', 'expired'])
  expect(server.taken, 'nobody decided to send it again').toEqual([])
})
