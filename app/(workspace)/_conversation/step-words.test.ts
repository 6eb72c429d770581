import { createFormatter, createTranslator } from 'next-intl'
import { expect, test } from 'vitest'
import { loadMessages } from '@/app/_i18n/load-messages'
import type { ConversationStep } from '@/lib/transport/conversation'
import { cutAtWord, stepWords } from './step-words'

type Words = Parameters<typeof stepWords>[0]

async function lineOf(step: Pick<ConversationStep, 'phase' | 'facts'>): Promise<string> {
  const { conversation } = await loadMessages('en')
  const t = createTranslator({ locale: 'en', messages: conversation ?? {} }) as unknown as Words['t']
  const format = createFormatter({ locale: 'en' }) as Words['format']
  return stepWords({ t, format })({ state: 'failed', startedAt: 0, durationMs: 1, lines: [], ...step })
}

test.each([
  ['reply', 'connectionLost', 'The connection broke before the server’s answer'],
  ['reply', 'timeout', 'The server did not answer in time'],
  ['mail', 'tooLarge', 'The message is larger than the server takes'],
  ['auth', 'authNotOffered', 'The server offers no login here'],
  ['auth', 'keyMissing', 'The stored login cannot be read'],
  ['auth', 'consentNeeded', 'Microsoft gave no access, so nobody signed in'],
  ['connect', 'connectionRefused', 'No connection to smtp.acme.test'],
] as const)('a server that has not answered at %s (%s) is not said to have refused', async (phase, errorCode, line) => {
  expect(await lineOf({ phase, facts: { host: 'smtp.acme.test', errorCode } })).toBe(line)
})

test('a server that has refused is quoted, even if it hung up then', async () => {
  const reply = { code: 554, enhancedStatus: '5.7.1', text: 'Spam' }
  expect(await lineOf({ phase: 'reply', facts: { reply, errorCode: 'connectionLost' } })).toBe('The server refused the message: 554 5.7.1')
})

test('a long reply ends at a word and says that it was cut', () => {
  expect(cutAtWord('550 No such user here', 30)).toBe('550 No such user here')
  expect(cutAtWord('550 No such user here, ask again', 25)).toBe('550 No such user here…')
  expect(cutAtWord('https://example.test/help', 12)).toBe('https://exa…')
})
