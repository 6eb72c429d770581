import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { findCurrentActor } from '@/app/_auth/require-actor'
import { Frame } from '@/app/_ui/frame'
import { LanguageChoice } from '@/app/_ui/language-choice'
import { Mark } from '@/app/_ui/mark'

/** Guides are public. Whoever is signed in keeps the menu around them. */
export default async function HelpLayout({ children }: { children: ReactNode }) {
  const actor = await findCurrentActor()
  if (actor) return <Frame actor={actor}>{children}</Frame>
  const t = await getTranslations('frame')
  return (
    <div className="outside">
      <header className="outside-head">
        <Link className="brand" href="/help">
          <Mark />
          <b>Posthorn</b>
        </Link>
        <LanguageChoice />
        <Link className="button small" href="/login">
          {t('signIn')}
        </Link>
      </header>
      <main className="page" id="page">
        {children}
      </main>
    </div>
  )
}
