import type { Metadata, Viewport } from 'next'
import { NextIntlClientProvider } from 'next-intl'
import { getLocale, getMessages, getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { preload } from 'react-dom'
import { frameMessages } from './_i18n/client-messages'
import { MailSwitchBar } from './_ui/mail-switch-bar'
import { RestoredBar } from './_ui/restored-bar'
import { SandboxBar } from './_ui/sandbox-bar'
import { SkipLink } from './_ui/skip-link'
import { TimeZone } from './_ui/time-zone'
import './globals.css'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('frame')
  return { title: { default: 'Posthorn', template: '%s · Posthorn' }, description: t('description'), robots: { index: false } }
}

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6f4ef' },
    { media: '(prefers-color-scheme: dark)', color: '#161513' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  for (const file of ['inter-latin-wght-normal', 'inter-latin-ext-wght-normal'])
    preload(`/fonts/${file}.woff2`, { as: 'font', type: 'font/woff2', crossOrigin: 'anonymous' })
  return (
    <html lang={await getLocale()}>
      <body>
        <NextIntlClientProvider messages={frameMessages(await getMessages())}>
          <TimeZone />
          <SkipLink />
          <SandboxBar />
          <RestoredBar />
          <MailSwitchBar />
          {children}
        </NextIntlClientProvider>
      </body>
    </html>
  )
}
