import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { requireAdmin } from '@/app/_auth/require-actor'
import { bindShortWords } from '@/app/_i18n/bind-short-words'
import { PageHead } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import { env } from '@/lib/env'
import { findLetters } from '@/lib/sender/letters'
import { getRoute } from '@/lib/sender/resolve-route'
import { getKeepTextsDays } from '@/lib/tenant/keep-texts'
import { countHeld, getMailSwitch } from '@/lib/tenant/mail-switch'
import { RerouteNotice } from '../../_card/reroute-notice'
import { IdentityForm } from '../../_identity/identity-form'
import { showRoute } from '../../_route/show-route'
import { TrustedCertificates } from '../../_trust/trusted-certificates'
import { AccountList } from './account-list'
import { rerouteAll } from './actions'
import { CompanyForm } from './company-form'
import { HoldForm } from './hold-form'
import { KeepTextsForm } from './keep-texts-form'
import { MailingModule } from './mailing-module'
import { PolicyForm } from './policy-form'
import { readCompany } from './read-company'
import { RedirectForm } from './redirect-form'
import { UserRoute } from './user-route'

type CompanyPageProps = { searchParams: Promise<{ user?: string }> }

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('company'))('title') }
}

export default async function CompanyPage({ searchParams }: CompanyPageProps) {
  const actor = await requireAdmin()
  const db = getDb()
  const { run, tenant, policy, followers, cards, accounts, trusts, waiting } = await readCompany(db, actor)
  const [t, { user }] = await Promise.all([getTranslations('company'), searchParams])
  const mailSwitch = await getMailSwitch(db, actor)
  const names = cards.map(({ code, name }) => ({ code, name }))
  const shown = names.find(({ code }) => code === user?.toUpperCase())?.code ?? actor.code
  const { baseCode, usersMaySet, authorIsLogin, version } = policy
  const letters = baseCode ? await findLetters(db, actor, { code: baseCode }) : null
  return (
    <>
      <PageHead title={t('title')}>{t('lead', { company: bindShortWords(tenant.name) })}</PageHead>
      <PolicyForm policy={{ baseCode: baseCode ?? '', usersMaySet, authorIsLogin, version }} followers={followers} cards={names} platform={env.platform.name} />
      <RerouteNotice count={waiting} action={rerouteAll} />
      {baseCode && letters ? <IdentityForm letters={letters} run={run} baseCode={baseCode} platform={env.platform.name} /> : null}
      <AccountList accounts={accounts} ownCode={actor.code} />
      <TrustedCertificates trusts={trusts} />
      <UserRoute cards={names} code={shown} route={showRoute(await getRoute(db, actor, { code: shown }))} ownCode={actor.code} />
      <CompanyForm tenant={tenant} platform={env.platform.name} />
      <HoldForm heldAt={mailSwitch.heldAt?.toISOString() ?? null} held={await countHeld(db, actor)} />
      <RedirectForm redirectTo={mailSwitch.redirectTo} until={mailSwitch.redirectUntil?.toISOString() ?? null} />
      <KeepTextsForm days={await getKeepTextsDays(db, actor)} />
      <MailingModule isOn={tenant.hasMailingModule} />
    </>
  )
}
