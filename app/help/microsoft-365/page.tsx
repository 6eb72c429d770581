import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ButtonLink } from '@/app/_ui/button'
import { CopyBlock } from '@/app/_ui/copy-block'
import { Icon } from '@/app/_ui/icon'
import { PageHead } from '@/app/_ui/sheet'
import { Notice } from '@/app/_ui/state'
import { env } from '@/lib/env'
import { switchSmtpOnForMailbox, switchSmtpOnForOrganisation } from '@/lib/microsoft365/powershell'
import { BackToHelp } from '../back-to-help'
import { marks } from '../guide-text'
import { ServerFacts } from '../server-facts'
import { PasswordNotice } from './password-notice'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('helpMicrosoft')
  return { title: t('title'), description: t('intro') }
}

type GuideProps = { searchParams: Promise<{ consent?: string }> }

/** An administrator who consented for the organisation comes back here: they may have no login of ours. */
export default async function MicrosoftPage({ searchParams }: GuideProps) {
  const { consent } = await searchParams
  const t = await getTranslations('helpMicrosoft')
  const tMicrosoft = await getTranslations('microsoft365')
  return (
    <>
      <BackToHelp />
      <PageHead title={t('title')}>{t('intro')}</PageHead>
      {consent === 'given' || consent === 'notGiven' ? (
        <div className="guide">
          <Notice tone={consent === 'given' ? 'works' : 'attention'} live>
            <p>{tMicrosoft(consent === 'given' ? 'consentGiven' : 'consentNotGiven')}</p>
          </Notice>
        </div>
      ) : null}
      <ol className="sheet guide-steps guide">
        <li>
          <h2>{t('s1')}</h2>
          <p>{t.rich('s1text', marks)}</p>
          <div className="stack mt-4">
            <CopyBlock label={t('forMailbox')} text={switchSmtpOnForMailbox('anna@acme.com')} isCommand />
            <CopyBlock label={t('forOrganisation')} text={switchSmtpOnForOrganisation} isCommand />
          </div>
        </li>
        <li>
          <h2>{t('s2')}</h2>
          <p>{t.rich('s2text', marks)}</p>
          <div className="actions">
            <ButtonLink look="main" href="/settings/user?preset=microsoft365">
              {t('open')} <Icon name="right" />
            </ButtonLink>
          </div>
        </li>
        <li>
          <h2>{t('s3')}</h2>
          <p>{t.rich('s3text', { ...marks, platform: env.platform.name })}</p>
        </li>
        <li>
          <h2>{t('s4')}</h2>
          <p>{t.rich('s4text', marks)}</p>
        </li>
      </ol>
      <Values />
      <div className="guide">
        <PasswordNotice />
      </div>
      <Questions />
      <div className="guide">
        <Notice>
          <p>{t.rich('duty', marks)}</p>
        </Notice>
      </div>
    </>
  )
}

/** What stands on the card: all of it fixed but the user name. */
async function Values() {
  const t = await getTranslations('helpMicrosoft')
  const { host, port } = env.platform.microsoft365
  return (
    <section className="sheet guide" aria-labelledby="values">
      <div className="section">
        <h2 id="values">{t('valuesTitle')}</h2>
      </div>
      <ServerFacts server={`${host}:${port}`} tls="StartTLS" username={t('usernameValue')} password={t('passwordValue')} />
    </section>
  )
}

const questions = ['fails', 'admin', 'shared', 'graph', 'stops'] as const

async function Questions() {
  const t = await getTranslations('helpMicrosoft')
  return (
    <section className="sheet guide">
      {questions.map(name => (
        <div className="section" key={name}>
          <h2>{t(`${name}.title`)}</h2>
          {name === 'fails' ? <ul className="bullets">{t.rich(`${name}.text`, marks)}</ul> : <p>{t.rich(`${name}.text`, marks)}</p>}
        </div>
      ))}
    </section>
  )
}
