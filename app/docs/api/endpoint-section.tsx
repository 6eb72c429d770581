import { useTranslations } from 'next-intl'
import type { Endpoint } from '@/lib/api/endpoints'
import { fieldsOf } from '@/lib/api/fields'
import { Fields } from './fields-table'

type EndpointId = 'queueMessage'

/** One endpoint: what it is for, what it takes, what it gives. */
export function EndpointSection({ endpoint: { id, method, path, scope, status, body, query, answer, takesIdempotencyKey } }: { endpoint: Endpoint }) {
  const t = useTranslations('apiDocs')
  return (
    <section className="sheet guide" id={id}>
      <div className="section">
        <h2>
          <code>
            {method} {path}
          </code>
        </h2>
        <p>{t(`endpoint.${id as EndpointId}`)}</p>
        <p className="hint mt-2">
          {t(`scope.${scope}`)} {takesIdempotencyKey ? t('idempotent') : null}
        </p>
      </div>
      {query ? <Fields title={t('query')} fields={fieldsOf(query, 'input')} isInput /> : null}
      {body ? <Fields title={t('body')} fields={fieldsOf(body, 'input')} isInput /> : null}
      <Fields title={t('answer', { status })} fields={fieldsOf(answer, 'output')} />
    </section>
  )
}
