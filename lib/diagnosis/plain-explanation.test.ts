import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { env } from '@/lib/env'
import { languages } from '@/lib/language'
import type { Explained } from './explain-failure'
import { plainExplanation } from './plain-explanation'

const values = { host: 'smtp.office365.com', username: 'anna@acme.test' }

describe.each(languages)('a mail in %s', language => {
  test.each(['explain', 'oauthError'] as const)('names the platform wherever an explanation of %s does', namespace => {
    const texts = JSON.parse(readFileSync(`app/_i18n/messages/${language}/${namespace}.json`, 'utf8')) as Record<string, Record<string, string>>
    const naming = Object.keys(texts).filter(key => JSON.stringify(texts[key]).includes('{platform}'))
    expect(naming).not.toEqual([])
    for (const explanation of naming) {
      const explained = { namespace, explanation, isSure: true, retry: 'user' } as Explained
      expect(plainExplanation(language, explained, values), explanation).toContain(env.platform.name)
    }
  })
})
