import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ButtonLink } from '@/app/_ui/button'
import { PageHead } from '@/app/_ui/sheet'
import { Notice } from '@/app/_ui/state'
import { env } from '@/lib/env'
import { BackToHelp } from '../back-to-help'
import { marks } from '../guide-text'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('help.smtp')
  return { title: t('title'), description: t('intro') }
}

export default async function SmtpPage() {
  const t = await getTranslations('help.smtp')
  const field = await getTranslations('help.fields')
  const values = [
    { value: t('no'), ports: '25', means: t('noMeans') },
    { value: 'SSL', ports: '465', means: t('sslMeans') },
    { value: 'StartTLS / SSL / TLS', ports: '587, 25', means: t('startMeans') },
  ]
  return (
    <>
      <BackToHelp />
      <PageHead title={t('title')}>{t('intro')}</PageHead>
      <section className="sheet guide">
        <div className="section">
          <h2>{t('prepareTitle')}</h2>
        </div>
        <dl className="facts is-explained">
          {(['server', 'tls', 'username', 'password'] as const).map(name => (
            <div key={name}>
              <dt>{field(name)}</dt>
              <dd>{t.rich(`${name}Text`, { ...marks, ports: env.platform.smtpPorts.join(', ') })}</dd>
            </div>
          ))}
        </dl>
      </section>
      <div className="actions">
        <ButtonLink look="main" href="/settings/user?preset=smtp">
          {t('open')}
        </ButtonLink>
        <ButtonLink href="/test-send">{t('test')}</ButtonLink>
      </div>
      <section className="sheet guide">
        <div className="section">
          <h2>{t('tlsTitle')}</h2>
          <table className="plain-table">
            <caption className="unseen">{t('tlsCaption')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('value')}</th>
                <th scope="col">{t('ports')}</th>
                <th scope="col">{t('means')}</th>
              </tr>
            </thead>
            <tbody>
              {values.map(({ value, ports, means }) => (
                <tr key={value}>
                  <th scope="row">{value}</th>
                  <td>{ports}</td>
                  <td className="soft">{means}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <div className="section">
          <h2>{t('checksTitle')}</h2>
          <ul className="bullets">{t.rich('checks', marks)}</ul>
        </div>
        <div className="section">
          <h2>{t('baseTitle')}</h2>
          <p>{t('base')}</p>
        </div>
        <div className="section">
          <h2>{t('authorTitle')}</h2>
          <p>{t('author')}</p>
        </div>
      </section>
      <div className="guide">
        <Notice>
          <p>{t.rich('duty', marks)}</p>
        </Notice>
      </div>
    </>
  )
}
