import { expect, test } from 'vitest'
import { hourOf } from '@/lib/account/usage'
import { after, hours, now } from '@/lib/clock'
import { Allowance } from './allowance'

test('what a server did not take does not put off when the next may leave', () => {
  const limits = { name: 'x', connections: 3, perMinute: null, recipientsPerDay: 2 }
  const yesterday = { hour: after(hourOf(now()), -hours(23)), count: 1 }
  const allowance = new Allowance(() => limits, { used: 1, hours: [yesterday] }, null, [])
  allowance.begin(1)
  allowance.takeBack(1) // refused
  expect(allowance.room()).toBe(1)
  allowance.begin(1)
  expect(allowance.room()).toBe(0)
  expect(allowance.freeAt() <= after(now(), hours(3)), 'when that of yesterday counts no more').toBe(true)
})
