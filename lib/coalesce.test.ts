import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { testDb } from '@/lib/testing/database'
import { coalesce, reuseReadings } from './coalesce'
import { Gatherer } from './gatherer'

/** A setting that is read slowly, by hand. */
function slowSetting() {
  const reads: { began: number; finish(): void; fail(): void }[] = []
  let value = 1
  const read = coalesce((_db, _key: string) => {
    const began = value
    return new Promise<number>((resolve, reject) => reads.push({ began, finish: () => resolve(began), fail: () => reject(new Error('gone')) }))
  })
  return { reads, read, change: () => ++value }
}

test('who asks while a read is under way gets what is read afterwards, together with the others', async () => {
  await using db = await testDb()
  const { reads, read, change } = slowSetting()
  const [one, two] = [read(db, 'acme'), read(db, 'acme')]
  await turn()
  change()
  const [three, four] = [read(db, 'acme'), read(db, 'acme')]
  await turn()
  expect(reads, 'one at a time').toHaveLength(1)
  reads[0]?.finish()
  expect(await Promise.all([one, two])).toEqual([1, 1])
  await turn()
  reads[1]?.finish()
  expect(await Promise.all([three, four]), 'they asked after the change').toEqual([2, 2])
  const five = read(db, 'acme')
  await turn()
  expect(reads).toHaveLength(3)
  reads[2]?.finish()
  expect(await five).toBe(2)
})

test('a read that fails fails for those who shared it, and for nobody else', async () => {
  await using db = await testDb()
  const { reads, read } = slowSetting()
  const first = read(db, 'acme')
  await turn()
  const second = read(db, 'acme')
  const other = read(db, 'beta')
  await turn()
  reads[0]?.fail()
  await expect(first).rejects.toThrow('gone')
  await turn()
  reads[2]?.finish()
  reads[1]?.finish()
  expect(await Promise.all([second, other])).toEqual([1, 1])
})

test('an engine may use a fresh answer again, never a failure', async () => {
  await using db = await testDb()
  const { reads, read } = slowSetting()
  reuseReadings(60_000)
  try {
    const first = read(db, 'acme')
    await turn()
    reads[0]?.fail()
    await expect(first).rejects.toThrow('gone')
    const second = read(db, 'acme')
    await turn()
    reads[1]?.finish()
    expect(await second).toBe(1)
    expect(await read(db, 'acme')).toBe(1)
    expect(reads).toHaveLength(2)
  } finally {
    reuseReadings(0)
  }
  const third = read(db, 'acme')
  await turn()
  reads[2]?.finish()
  await third
  expect(reads, 'asked anew').toHaveLength(3)
})

test('what comes in while a batch is under way is the next batch, and whoever comes alone is handed on at once', async () => {
  const batches: { items: number[]; done(): void }[] = []
  const gatherer = new Gatherer<number>(items => new Promise(done => batches.push({ items, done })))
  gatherer.add(1)
  await turn()
  await turn()
  for (const item of [2, 3]) gatherer.add(item)
  expect(batches, 'one batch at a time').toHaveLength(1)
  batches[0]?.done()
  await expect.poll(() => batches.length).toBe(2)
  gatherer.add(4)
  batches[1]?.done()
  await expect.poll(() => batches.length).toBe(3)
  batches[2]?.done()
  await gatherer.settled()
  expect(batches.map(({ items }) => items)).toEqual([[1], [2, 3], [4]])
})

test('of those that come back together each half goes as soon as it is read, and each of them once', async () => {
  const { batches, gatherer, handedOn } = inLanes()
  for (const item of [1, 2, 3, 4]) gatherer.add(slowly(item))
  expect(batches, 'nothing is known yet of how many come').toHaveLength(0)
  await turn()
  batches[0]?.done()
  await gatherer.settled()
  gatherer.add(5) // one alone, and the others are not forgotten
  await handedOn(2)
  batches[1]?.done()
  await gatherer.settled()
  for (const item of [6, 7, 8, 9]) gatherer.add(slowly(item))
  const early = batches.map(({ items }) => items)
  for (const { done } of batches) done()
  await gatherer.settled()
  expect(early).toEqual([[1, 2, 3, 4], [5], [6, 7], [8, 9]])
})

test('where a write takes longer than all need to be read, they go in one', async () => {
  const { batches, gatherer } = inLanes()
  for (const item of [1, 2, 3, 4]) gatherer.add(item)
  await turn()
  slowly(batches[0])?.done()
  await gatherer.settled()
  for (const item of [5, 6, 7]) gatherer.add(item)
  expect(batches, 'not a half').toHaveLength(1)
  gatherer.add(8)
  const early = batches.map(({ items }) => items)
  for (const { done } of batches) done()
  await gatherer.settled()
  expect(early, 'but all of them').toEqual([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ])
})

test('one write that took very long, as when the database is tidied up, is no reason to give up halves', async () => {
  const { batches, gatherer } = inLanes()
  const comeBack = async (items: number[], busyMs: number) => {
    for (const item of items) gatherer.add(slowly(item))
    await turn()
    const ways = batches.map(batch => batch.items)
    slowly(items, busyMs)
    for (const { done } of batches.splice(0)) done()
    await gatherer.settled()
    return ways
  }
  await comeBack([1, 2, 3, 4], 0)
  expect(await comeBack([5, 6, 7, 8], 100)).toEqual([
    [5, 6],
    [7, 8],
  ])
  expect(await comeBack([9, 10, 11, 12], 0)).toEqual([
    [9, 10],
    [11, 12],
  ])
})

test('who waited for a write did not come slowly: they go in one, too', async () => {
  const { batches, gatherer, handedOn } = inLanes()
  for (const item of [1, 2, 3, 4]) gatherer.add(item)
  await turn()
  for (const item of [5, 6]) gatherer.add(item)
  slowly(batches[0])?.done()
  await handedOn(2)
  batches[1]?.done()
  await gatherer.settled()
  for (const item of [7, 8, 9, 10, 11]) gatherer.add(item)
  expect(batches, 'not a half').toHaveLength(2)
  await handedOn(3)
  batches[2]?.done()
  await gatherer.settled()
  expect(batches[2]?.items).toEqual([7, 8, 9, 10, 11])
})

test('after a batch of several, who came meanwhile waits for those that were answered to come back', async () => {
  const { batches, gatherer, handedOn } = inLanes(1)
  for (const item of [1, 2]) gatherer.add(item)
  await handedOn(1)
  gatherer.add(3)
  batches[0]?.done()
  for (let i = 0; i < 10; i++) await null
  gatherer.add(4)
  await handedOn(2)
  batches[1]?.done()
  await gatherer.settled()
  expect(batches.map(({ items }) => items)).toEqual([
    [1, 2],
    [3, 4],
  ])
})

test('less than a half waits for what is under way, but not when that takes long', async () => {
  const { batches, gatherer, handedOn } = inLanes()
  for (const item of [1, 2, 3, 4]) gatherer.add(item)
  await turn()
  gatherer.add(5)
  await turn()
  await turn()
  expect(batches, 'the first is under way').toHaveLength(1)
  batches[0]?.done()
  await handedOn(2)
  gatherer.add(6)
  await turn()
  expect(batches, 'and now the second').toHaveLength(2)
  await handedOn(3)
  for (const { done } of batches) done()
  await gatherer.settled()
  expect(batches.map(({ items }) => items)).toEqual([[1, 2, 3, 4], [5], [6]])
})

test('who waits is handed on soon after one of all that are under way has ended, however long the others take', async () => {
  const { batches, gatherer, handedOn } = inLanes(2)
  for (const item of [1, 2, 3, 4]) gatherer.add(item)
  await handedOn(1)
  for (const item of [5, 6]) gatherer.add(item)
  await handedOn(2)
  gatherer.add(7)
  batches[1]?.done()
  for (let i = 0; i < 3; i++) await turn()
  expect(batches, 'the first is still under way').toHaveLength(2)
  await handedOn(3)
  for (const { done } of batches) done()
  await gatherer.settled()
  expect(batches.map(({ items }) => items)).toEqual([[1, 2, 3, 4], [5, 6], [7]])
})

test('who comes alone is handed on at once, also while it is remembered that many came', async () => {
  const { batches, gatherer, handedOn } = inLanes()
  for (const item of [1, 2, 3, 4]) gatherer.add(item)
  await turn()
  gatherer.add(5) // from here on there is a timer
  batches[0]?.done()
  await handedOn(2)
  batches[1]?.done()
  await gatherer.settled()
  gatherer.add(6)
  await turn()
  expect(batches.map(({ items }) => items)).toEqual([[1, 2, 3, 4], [5], [6]])
  batches[2]?.done()
  await gatherer.settled()
})

/** As long as reading a request takes this thread, or the disk a write. */
function slowly<T>(value: T, ms = 2): T {
  const beganAt = performance.now()
  while (performance.now() - beganAt < ms);
  return value
}

function inLanes(lanes = 4) {
  const batches: { items: number[]; done(): void }[] = []
  const gatherer = new Gatherer<number>(items => new Promise(done => batches.push({ items, done })), undefined, lanes)
  const handedOn = async (count: number) => {
    while (batches.length < count) await turn()
  }
  return { batches, gatherer, handedOn }
}
