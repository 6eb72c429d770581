import { getTranslations } from 'next-intl/server'
import { CopyButton } from '@/app/_ui/copy-button'
import { Notice } from '@/app/_ui/state'
import { doorFacts } from '@/lib/smtp-in/door-facts'

/** What to type into a program that speaks SMTP only: it needs nothing else. */
export async function SmtpFacts({ slug, code }: { slug: string; code: string }) {
  const t = await getTranslations('door')
  const { host, tlsPort, starttlsPort, isOpen } = doorFacts()
  const facts = [
    { name: 'server', value: host },
    { name: 'tls', value: String(tlsPort) },
    { name: 'starttls', value: String(starttlsPort) },
    { name: 'username', value: `${code}@${slug}` },
  ] as const
  return (
    <section className="sheet guide max-w-none" aria-labelledby="smtp-facts">
      <div className="section">
        <h2 id="smtp-facts">{t('title')}</h2>
        <p>{t('lead')}</p>
        {isOpen ? null : (
          <Notice>
            <p>{t('closed')}</p>
          </Notice>
        )}
      </div>
      <dl className="facts">
        {facts.map(({ name, value }) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd className="mono">{value}</dd>
            <dd>
              <CopyButton text={value} of={t(name)} />
            </dd>
          </div>
        ))}
        <div>
          <dt>{t('password')}</dt>
          <dd>{t('passwordText')}</dd>
        </div>
      </dl>
      <div className="section">
        <p>{t('rules')}</p>
      </div>
    </section>
  )
}
