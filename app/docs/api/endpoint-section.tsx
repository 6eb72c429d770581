import { useTranslations } from 'next-intl'
import type { Endpoint } from '@/lib/api/endpoints'
import { type FieldView, fieldsOf } from '@/lib/api/fields'
import { env } from '@/lib/env'

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
        <p className="hint">
          {t(`scope.${scope}`)} {takesIdempotencyKey ? t('idempotent') : null}
        </p>
      </div>
      {query ? <Fields title={t('query')} fields={fieldsOf(query, 'input')} isInput /> : null}
      {body ? <Fields title={t('body')} fields={fieldsOf(body, 'input')} isInput /> : null}
      <Fields title={t('answer', { status })} fields={fieldsOf(answer, 'output')} />
    </section>
  )
}

/** A wide table scrolls inside its own frame, where a keyboard reaches it. */
function Fields({ title, fields, isInput = false }: { title: string; fields: FieldView[]; isInput?: boolean }) {
  const t = useTranslations('apiDocs')
  const rows = (
    <table className="plain-table">
      <caption className="unseen">{title}</caption>
      <thead className="unseen">
        <tr>
          <th scope="col">{t('column.field')}</th>
          <th scope="col">{t('column.type')}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(field => (
          <tr key={field.name}>
            <th scope="row">
              <code>{field.name}</code>
            </th>
            <td>
              <span className="mono">{field.type}</span>
              {isInput && field.isRequired ? <b> {t('required')}</b> : null}
              {field.explainedBy && t.has(`field.${field.explainedBy}`) ? (
                <span className="block soft">{t(`field.${field.explainedBy as 'bcc'}`, { platform: env.platform.name })}</span>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
  return isInput ? (
    <div className="section">
      <h3>{title}</h3>
      {rows}
    </div>
  ) : (
    <details className="section">
      <summary>{title}</summary>
      {rows}
    </details>
  )
}
