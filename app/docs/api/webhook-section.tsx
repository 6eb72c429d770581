import { useTranslations } from 'next-intl'
import { ButtonLink } from '@/app/_ui/button'
import { CopyBlock } from '@/app/_ui/copy-block'
import { linkTo, marks } from '@/app/help/guide-text'
import { fieldsOf } from '@/lib/api/fields'
import { payloadExamples } from '@/lib/webhook/payload-example'
import { sharedShapes } from '@/lib/webhook/payload-schema'
import { Fields } from './fields-table'

const verification = `import { Webhook } from 'standardwebhooks'
// throws when it is not from here
const event = new Webhook('whsec_…').verify(rawBody, request.headers)`

const headers = ['id', 'timestamp', 'signature'] as const

/** What a company's own program is told: how to answer, how to know that it is from here, and each event with an example. */
export function WebhookSection() {
  const t = useTranslations('apiDocs.webhooks')
  const event = useTranslations('webhooks.event')
  return (
    <section className="sheet guide" id="webhooks">
      <div className="section">
        <h2>{t('title')}</h2>
        <ul className="bullets">{t.rich('text', marks)}</ul>
      </div>
      <div className="section">
        <h3>{t('signed')}</h3>
        <p>{t.rich('signedText', { ...marks, ...linkTo('https://www.standardwebhooks.com') })}</p>
        <ul className="bullets">
          {headers.map(header => (
            <li key={header}>
              <code>webhook-{header}</code> {t.rich(`header.${header}`, marks)}
            </li>
          ))}
        </ul>
      </div>
      <div className="section">
        <CopyBlock label={t('verify')} text={verification} />
      </div>
      <div className="section actions">
        <ButtonLink small href="/settings/webhooks">
          {t('addresses')}
        </ButtonLink>
      </div>
      <Fields title={t('fields', { events: 'message.*' })} fields={fieldsOf(sharedShapes.message, 'output')} />
      <Fields title={t('fields', { events: 'account.*' })} fields={fieldsOf(sharedShapes.account, 'output')} />
      {Object.entries(payloadExamples).map(([type, example]) => (
        <details key={type} className="section">
          <summary>
            <code>{type}</code> <span className="soft inline-block">{event(type.replace('.', '_') as 'message_queued')}</span>
          </summary>
          <CopyBlock label={t('example')} text={JSON.stringify(example, null, 2)} />
        </details>
      ))}
    </section>
  )
}
