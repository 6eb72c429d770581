import { createTranslator } from 'next-intl'
import { expect, test } from 'vitest'
import { loadMessages } from '@/app/_i18n/load-messages'
import { mostCounted } from '@/lib/message/reroute'

test.each([
  ['pl', /^Co najmniej 10/],
  ['en', /^At least 10/],
  ['et', /^Vähemalt 10/],
] as const)('as many waiting messages as are counted at most are said to be at least so many (%s)', async (language, atLeast) => {
  const { card } = await loadMessages(language)
  const t = createTranslator({ locale: language, messages: card ?? {} }) as unknown as (key: string, values: { count: number }) => string
  expect(t('reroute.text', { count: mostCounted })).toMatch(atLeast)
  expect(t('reroute.button', { count: mostCounted }), 'all are sent').not.toMatch(/\d/)
  expect(t('reroute.text', { count: mostCounted - 1 })).toMatch(/^9/)
})
