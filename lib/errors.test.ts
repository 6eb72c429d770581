import { expect, test } from 'vitest'
import { allOf, Refusal } from './errors'

const no = (error: Error) => Promise.reject(error)

test('of several fields that are wrong all are told, in the order they were asked in', async () => {
  const refusal = await allOf(no(new Refusal('codeTaken', 'code')), Promise.resolve(1), no(new Refusal('dayOver', 'expires'))).catch(error => error)
  expect([refusal, ...refusal.others].map(({ code, field }) => `${code} at ${field}`)).toEqual(['codeTaken at code', 'dayOver at expires'])
})

test('who may not, or comes too late, is told that alone', async () => {
  await expect(allOf(no(new Refusal('codeTaken', 'code')), no(new Refusal('stale')))).rejects.toMatchObject({ code: 'stale', others: [] })
})

test('what no caller is to blame for is not hidden behind a refusal', async () => {
  await expect(allOf(no(new Refusal('stale')), no(new Error('the database is away')))).rejects.toThrow('the database is away')
})
