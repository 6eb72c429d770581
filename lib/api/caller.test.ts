import type { IncomingMessage } from 'node:http'
import { expect, test, vi } from 'vitest'

/** What a process makes of callers that was started with these keys. */
async function startWith(keys: string) {
  vi.resetModules()
  const started = await import('@/lib/env')
  started.env.sealingKeys = keys
  return import('./caller')
}

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`
const asking = (caller: string) => ({ headers: { 'x-posthorn-caller': caller }, socket: { remoteAddress: '127.0.0.1' } }) as unknown as IncomingMessage

test('while keys are rotated the engine believes a web that still has the old one', async () => {
  const sealed = (await startWith(key('old', 1))).sealCaller('203.0.113.7')
  expect((await startWith(`${key('new', 2)},${key('old', 1)}`)).callerOf(asking(sealed))).toBe('203.0.113.7')
  const { callerOf } = await startWith(key('new', 2))
  expect(() => callerOf(asking(sealed)), 'once it is gone it is not believed, nor let in as the web it came through').toThrow('unavailable')
})

test.each(['', 'A', 'A'.repeat(43), 'é'.repeat(43), 'é'.repeat(21), '\0'.repeat(43)])(
  'a caller under a seal that nobody made is not let in: %j',
  async seal => {
    const { callerOf } = await startWith(key('old', 1))
    expect(() => callerOf(asking(`203.0.113.7 ${seal}`))).toThrow('unavailable')
  },
)
