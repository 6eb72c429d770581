import { useTranslations } from 'next-intl'
import { ButtonLink } from '@/app/_ui/button'
import { CopyBlock } from '@/app/_ui/copy-block'
import { linkTo, marks } from '@/app/help/guide-text'
import { fieldsOf } from '@/lib/api/fields'
import { payloadExamples } from '@/lib/webhook/payload-example'
import { sharedShapes } from '@/lib/webhook/payload-schema'
import { EventChoice } from './event-choice'
import { Fields } from './fields-table'

const verification = `import { Webhook } from 'standardwebhooks'
// throws when it is not from here
const event = new Webhook('whsec_…').verify(rawBody, request.headers)`

const headers = ['id', 'timestamp', 'signature'] as const

const events = Object.keys(payloadExamples) as (keyof typeof payloadExamples)[]

/** What a company's own program is told: how to answer, how to know that it is from here, each event, and an example of the one asked for. */
export function WebhookSection({ wanted }: { wanted: unknown }) {
  const chosen = events.find(type => type === wanted) ?? 'message.accepted'
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
      <div className="section">
        <h3>{t('events')}</h3>
        <table className="plain-table">
          <caption className="unseen">{t('events')}</caption>
          <tbody>
            {events.map(type => (
              <tr key={type}>
                <th scope="row">
                  <code>
                    {type.split('.')[0]}.<wbr />
                    {type.split('.')[1]}
                  </code>
                </th>
                <td className="soft">{event(type.replace('.', '_') as 'message_queued')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Fields title={t('fields', { events: 'message.*' })} fields={fieldsOf(sharedShapes.message, 'output')} />
      <Fields title={t('fields', { events: 'account.*' })} fields={fieldsOf(sharedShapes.account, 'output')} />
      <div className="section" id="event-example">
        <EventChoice label={t('example')} show={t('show')} chosen={chosen} events={events} />
        <div className="mt-4">
          <CopyBlock label={chosen} text={JSON.stringify(payloadExamples[chosen], null, 2)} />
        </div>
      </div>
    </section>
  )
}
