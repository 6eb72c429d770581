import { expect, test } from 'vitest'
import { FairShare } from './fair-share'

test('however many companies take all they get, the next one gets some', () => {
  const share = new FairShare(1024)
  const got = Array.from({ length: 8 }, (_, company) => {
    let amount = 0
    while (share.take(String(company), 1)) amount++
    return amount
  })
  expect(got).toEqual([512, 256, 128, 64, 32, 16, 8, 4])
  expect(share.take('0', 1), 'and nobody more of it').toBe(false)
  share.giveBack('0', 512)
  share.giveBack('1', 256)
  expect(share.take('7', 300), 'what is given back is there for all').toBe(true)
})
