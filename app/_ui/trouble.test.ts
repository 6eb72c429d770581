import { NextIntlClientProvider } from 'next-intl'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import frame from '@/app/_i18n/messages/en/frame.json'
import { Trouble } from './trouble'

const shown = (id: string | undefined) =>
  renderToStaticMarkup(createElement(NextIntlClientProvider, { locale: 'en', messages: { frame }, timeZone: 'UTC' } as never, createElement(Trouble, { id })))

test('the number to give the administrator is promised only where there is one', () => {
  expect(shown('2413870151')).toMatch(/this number:.*2413870151/)
  expect(shown(undefined)).not.toContain('number')
})
