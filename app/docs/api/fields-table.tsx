import { useTranslations } from 'next-intl'
import type { FieldView } from '@/lib/api/fields'
import { env } from '@/lib/env'

/** A wide table scrolls inside its own frame, where a keyboard reaches it. */
export function Fields({ title, fields, isInput = false }: { title: string; fields: FieldView[]; isInput?: boolean }) {
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
