import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ButtonLink } from '@/app/_ui/button'
import { CopyBlock } from '@/app/_ui/copy-block'
import { PageHead } from '@/app/_ui/sheet'
import { marks } from '@/app/help/guide-text'
import { endpoints } from '@/lib/api/endpoints'
import { env } from '@/lib/env'
import { EndpointSection } from './endpoint-section'
import { ErrorTable } from './error-table'
import { WebhookSection } from './webhook-section'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('apiDocs')
  return { title: t('title'), description: t('lead') }
}

/** The description of the API for people. It shows the schemas that requests are read by, like /api/v1/openapi.json for programs. */
export default async function ApiDocsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const t = await getTranslations('apiDocs')
  const example = `curl ${env.appUrl}/api/v1/messages \\
  -H 'Authorization: Bearer ph_…' \\
  -H 'Content-Type: application/json' \\
  -H 'Idempotency-Key: invoice-1-11-2026' \\
  -d '{ "from_user": "ANNA", "to": ["customer@example.com"],
        "subject": "Invoice 1/11/2026", "text": "Please find the invoice attached.",
        "attachments": [{ "filename": "invoice.pdf", "content_type": "application/pdf", "content": "JVBERi0xLjcK" }],
        "document": { "type": "invoice", "number": "1/11/2026" } }'`
  return (
    <>
      <PageHead title={t('title')}>{t('lead')}</PageHead>
      <section className="sheet guide">
        <div className="section">
          <h2>{t('begin.title')}</h2>
          <ul className="bullets">{t.rich('begin.text', { ...marks, base: `${env.appUrl}/api/v1` })}</ul>
        </div>
        <div className="section">
          <CopyBlock label={t('begin.example')} text={example} />
        </div>
        <div className="section actions">
          <ButtonLink small href="/api/v1/openapi.json">
            {t('openapi')}
          </ButtonLink>
          <ButtonLink small href="/settings/api-keys">
            {t('keys')}
          </ButtonLink>
        </div>
      </section>
      <nav className="sheet guide" aria-labelledby="contents">
        <div className="section">
          <h2 id="contents">{t('contents')}</h2>
          <ul className="bullets">
            {endpoints.map(({ id, method, path }) => (
              <li key={id}>
                <a href={`#${id}`}>
                  <code>
                    {method} {path}
                  </code>
                </a>
              </li>
            ))}
            <li>
              <a href="#errors">{t('errors.title')}</a>
            </li>
            <li>
              <a href="#webhooks">{t('webhooks.title')}</a>
            </li>
          </ul>
        </div>
      </nav>
      {endpoints.map(endpoint => (
        <EndpointSection key={endpoint.id} endpoint={endpoint} />
      ))}
      <ErrorTable />
      <WebhookSection wanted={(await searchParams).event} />
    </>
  )
}
