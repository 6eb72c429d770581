import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { deadlineSignal, orAborted } from './deadline-signal'
import { collectGarbage } from './testing/collect-garbage'

/** As a request waits for it: nothing but its listener knows of the signal. */
const aborted = ({ signal }: Pick<ReturnType<typeof deadlineSignal>, 'signal'>) =>
  new Promise<string>(resolve => signal.addEventListener('abort', () => resolve(signal.reason.name ?? signal.reason), { once: true }))

test('a deadline comes, whatever is collected as garbage meanwhile', async () => {
  const ending = aborted(deadlineSignal(100, new AbortController().signal))
  const collecting = setInterval(collectGarbage, 20)
  expect(await Promise.race([ending, wait(5000, 'never')])).toBe('TimeoutError')
  clearInterval(collecting)
})

test('the signal around it ends it at once, and before it has begun', async () => {
  const outer = new AbortController()
  const ending = aborted(deadlineSignal(60_000, outer.signal))
  outer.abort('stop')
  expect(await ending).toBe('stop')
  expect(deadlineSignal(60_000, outer.signal).signal).toMatchObject({ aborted: true, reason: 'stop' })
})

test('what cannot be broken off is not waited for', async () => {
  const outer = new AbortController()
  const never = orAborted(outer.signal, new Promise(() => undefined))
  outer.abort('stop')
  await expect(never).rejects.toBe('stop')
  await expect(orAborted(outer.signal, new Promise(() => undefined)), 'nor begun to be').rejects.toBe('stop')
  expect(await orAborted(new AbortController().signal, Promise.resolve('found'))).toBe('found')
})
