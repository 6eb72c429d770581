import { afterAll, expect, test } from 'vitest'
import { now, shiftClock } from '@/lib/clock'
import { secondsOfRetryAfter } from './retry-after'

const back = shiftClock(Date.parse('2026-11-26T16:00:00Z') - now().getTime())
afterAll(back)

test.each([
  ['120', 120],
  ['Thu, 26 Nov 2026 16:02:00 GMT', 120],
  ['Thu, 26 Nov 2026 15:00:00 GMT', null],
  ['0', null],
  ['soon', null],
  ['', null],
  [undefined, null],
])('a server that says %j wants to be asked again in %s seconds', (header, seconds) => {
  const found = secondsOfRetryAfter(header)
  if (seconds === null) expect(found).toBeNull()
  else expect(Math.abs((found ?? 0) - seconds)).toBeLessThanOrEqual(1)
})
