import type { Metadata } from 'next'
import { NextIntlClientProvider } from 'next-intl'
import { getMessages, getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { findCurrentActor } from '@/app/_auth/require-actor'
import { CopyBlock } from '@/app/_ui/copy-block'
import { CopyButton } from '@/app/_ui/copy-button'
import { PageHead } from '@/app/_ui/sheet'
import { isAdmin } from '@/lib/actor/actor'
import { env } from '@/lib/env'
import { BackToHelp } from '../back-to-help'
import { marks } from '../guide-text'
import { CheckForm } from './check-form'
import { readyTexts } from './ready-texts'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('help.ip')
  return { title: t('title'), description: t('intro', { platform: env.platform.name }) }
}

export default async function IpWhitelistPage() {
  const t = await getTranslations('help.ip')
  const actor = await findCurrentActor()
  const { host, address } = env.platform.relay
  const exportAs = (format: string) => (words: ReactNode) => <a href={`/help/ip-whitelist?format=${format}`}>{words}</a>
  return (
    <>
      <BackToHelp />
      <PageHead title={t('title')}>{t('intro', { platform: env.platform.name })}</PageHead>
      <section className="sheet section guide">
        <h2>{t('whichTitle')}</h2>
        <p>{t('which', { count: readyTexts.addresses.length, host, address })}</p>
        <ul className="addresses">
          {readyTexts.addresses.map(egress => (
            <li key={egress}>
              <span className="mono">{egress}</span>
              <CopyButton text={egress} of={t('of', { address: egress })} />
            </li>
          ))}
        </ul>
        <div className="actions mt-3">
          <CopyButton text={readyTexts.addresses.join('\n')} label={t('copyAll')} />
        </div>
      </section>
      {actor && isAdmin(actor) ? <CheckSection /> : null}
      <section className="sheet section guide">
        <h2>{t('textsTitle')}</h2>
        <p>{t('textsIntro')}</p>
        {(['cidr', 'spf', 'postfix', 'exchange'] as const).map(name => (
          <div key={name} className="ready">
            <h3>{t(name)}</h3>
            <p>{t.rich(`${name}Text`, marks)}</p>
            <CopyBlock label={t(name)} text={readyTexts[name]} wrapped={name === 'spf'} />
          </div>
        ))}
      </section>
      <section className="sheet section guide">
        <h2>{t('machineTitle')}</h2>
        <p>{t.rich('machine', { json: exportAs('json'), text: exportAs('text') })}</p>
      </section>
    </>
  )
}

/** For admins: the product itself tries. */
async function CheckSection() {
  const t = await getTranslations('reach')
  const { reach, state, frame } = await getMessages()
  return (
    <section className="sheet section guide" id="check">
      <h2>{t('title')}</h2>
      <p>{t('lead', { platform: env.platform.name })}</p>
      <NextIntlClientProvider messages={{ reach, state, frame }}>
        <CheckForm />
      </NextIntlClientProvider>
    </section>
  )
}
