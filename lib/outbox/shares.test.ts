import { expect, test } from 'vitest'
import { env } from '@/lib/env'
import { enqueueMessage } from '@/lib/message/enqueue-message'
import { changed } from '@/lib/testing/changed'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { turn } from '@/lib/testing/outbox'
import { type Act, startStepServer } from '@/lib/testing/step-server'
import { Shares } from './shares'

const letter = (i: number) => ({ to: [`k${i}@example.test`], subject: 'List', text: 'Dzień dobry.', kind: 'letter' as const })

test('companies that send at one time share what the relay bears of an engine, and one alone has all that is its own', async () => {
  await using db = await testDb()
  let [atDot, most, connections, allAreIn] = [0, 0, 0, () => {}]
  const together = new Promise<void>(resolve => {
    allAreIn = resolve
  })
  await using relay = await startStepServer(async (point): Promise<Act> => {
    if (point === 'connect') connections++
    if (point !== 'dot') return 'go'
    most = Math.max(most, ++atDot)
    if (atDot === 3) allAreIn() // the first of each company, which go ahead alone
    await together
    await new Promise(setImmediate)
    atDot--
    return 'go'
  })
  using _limits = changed(env.platform, { limits: [{ name: 'relay', connections: 4, connectionsOfEngine: 3 }] })
  const { user: anna } = await makeCompany(db, 'acme')
  const others = [await makeCompany(db, 'beta'), await makeCompany(db, 'gamma')].map(({ user }) => user)
  for (const user of [anna, ...others]) for (let i = 0; i < 12; i++) await enqueueMessage(db, user, letter(i))
  const shares = new Shares()
  await turn(db, { ...relay, tls: 'none' }, { shares })
  expect(relay.taken).toHaveLength(36)
  expect(most, 'never more at once, whatever each may hold').toBe(3)

  connections = 0
  for (let i = 0; i < 12; i++) await enqueueMessage(db, anna, letter(i))
  await turn(db, { ...relay, tls: 'none' }, { shares })
  expect(connections).toBe(3)
})
