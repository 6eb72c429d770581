import { expect, test } from 'vitest'
import { partOf } from './part-of'

const each = (...states: Parameters<typeof partOf>[1][number]['state'][]) => states.map(state => ({ state }))

test.each([
  ['refused', each('accepted', 'refused', 'bounced'), { state: 'refused', count: 1, all: 3, taken: 2 }, 'two of three have it'],
  ['refused', each('refused', 'refused'), null, 'nobody has it: the state says it all'],
  ['waiting', each('accepted', 'waiting', 'refused'), { state: 'waiting', count: 1, all: 3, taken: 1 }, 'one still may get it'],
  ['waiting', each('accepted', 'queued'), { state: 'waiting', count: 1, all: 2, taken: 1 }, 'what is queued to somebody waits as its message does'],
  ['accepted', each('accepted', 'accepted'), null, 'everybody has it'],
] as const)('a message that is %s with recipients %j is told as a part: %j', (state, recipients, part, why) => {
  expect(partOf(state, [...recipients]), why).toEqual(part)
})
