import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ButtonLink } from '@/app/_ui/button'
import { Icon } from '@/app/_ui/icon'
import { PageHead } from '@/app/_ui/sheet'
import { Notice } from '@/app/_ui/state'
import { env } from '@/lib/env'
import { BackToHelp } from '../back-to-help'
import { linkTo, marks } from '../guide-text'
import { ServerFacts } from '../server-facts'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('help.gmail')
  return { title: t('title'), description: t('intro') }
}

export default async function GmailPage() {
  const t = await getTranslations('help.gmail')
  const server = `${env.platform.gmail.host}:${env.platform.gmail.port}`
  return (
    <>
      <BackToHelp />
      <PageHead title={t('title')}>{t('intro')}</PageHead>
      <ol className="sheet guide-steps guide">
        <li>
          <h2>{t('s1')}</h2>
          <p>{t.rich('s1text', linkTo('https://myaccount.google.com/security'))}</p>
        </li>
        <li>
          <h2>{t('s2')}</h2>
          <p>{t.rich('s2text', linkTo('https://myaccount.google.com/apppasswords'))}</p>
        </li>
        <li>
          <h2>{t('s3')}</h2>
          <p>{t('s3text')}</p>
          <div className="actions">
            <ButtonLink look="main" href="/settings/user?preset=gmail">
              {t('open')} <Icon name="right" />
            </ButtonLink>
          </div>
        </li>
        <li>
          <h2>{t('s4')}</h2>
          <p>{t('s4text')}</p>
        </li>
      </ol>
      <section className="sheet guide" aria-labelledby="values">
        <div className="section">
          <h2 id="values">{t('valuesTitle')}</h2>
        </div>
        <ServerFacts server={server} tls="SSL" username={t('usernameValue')} password={t('passwordValue')} />
      </section>
      <div className="guide">
        <Notice>
          <p>{t.rich('blanks', marks)}</p>
        </Notice>
      </div>
      <div className="guide">
        <Notice tone="attention">
          <p>{t.rich('wrong', marks)}</p>
        </Notice>
      </div>
    </>
  )
}
