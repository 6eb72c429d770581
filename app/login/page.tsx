import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { isAtThisMachine } from '@/app/_auth/peer'
import { findCurrentActor } from '@/app/_auth/require-actor'
import { returnPath } from '@/app/_auth/return-path'
import { Door } from '@/app/_ui/door'
import { getDb } from '@/db/client'
import { demoPeople } from '@/lib/installation/demo'
import { getMode, needsSetup } from '@/lib/installation/installation'
import { DemoPeople } from './demo-people'
import { SignInForm } from './sign-in-form'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('login')
  return { title: t('title') }
}

export default async function LoginPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const wanted = (await searchParams).next
  const next = returnPath(typeof wanted === 'string' ? wanted : null)
  if (await findCurrentActor()) redirect(next)
  const db = getDb()
  if (await needsSetup(db)) redirect('/setup')
  const t = await getTranslations('login')
  const hasDemo = (await getMode(db)) === 'sandbox' && (await isAtThisMachine())
  return (
    <Door title={t('title')} intro={t('intro')}>
      {hasDemo ? (
        <section className="sheet section">
          <h2>{t('demoTitle')}</h2>
          <p>{t('demoIntro')}</p>
          <DemoPeople
            next={next}
            people={demoPeople.map(({ code, name, role }) => ({ code, name, words: t(role === 'admin' ? 'demoAdmin' : 'demoUser', { code }) }))}
          />
        </section>
      ) : null}
      <section className="sheet section">
        <h2>{t('formTitle')}</h2>
        <SignInForm next={next} words={{ email: t('email'), password: t('password'), submit: t('submit') }} />
      </section>
      <p className="hint">{t('lost')}</p>
    </Door>
  )
}
