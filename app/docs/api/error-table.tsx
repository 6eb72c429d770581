import { useTranslations } from 'next-intl'
import { mostHeadKilobytes } from '@/lib/api/answer-unread'
import { apiErrors, valueErrors } from '@/lib/api/api-error'
import { mostInBatch } from '@/lib/api/message-schema'
import { mostMegabytes } from '@/lib/api/read-body'
import { maxBytes, maxRecipients, maxSubjectLength } from '@/lib/message/prepare-message'

/** What a refusal looks like, and every code: first those that are not about one field. */
export function ErrorTable() {
  const t = useTranslations('apiDocs.errors')
  const say = useTranslations('refusal')
  const values = { seconds: 5, address: '203.0.113.7', max: maxSubjectLength, type: 'string', choices: '…', kilobytes: mostHeadKilobytes }
  const mostOf = (code: string) => (code === 'batchTooLarge' ? mostInBatch : maxRecipients)
  const megabytesOf = (code: string) => (code === 'messageTooLarge' ? maxBytes / 1024 / 1024 : mostMegabytes)
  return (
    <section className="sheet guide" id="errors">
      <div className="section">
        <h2>{t('title')}</h2>
        <p>{t('text')}</p>
        <pre className="mono mt-3 whitespace-pre-wrap">{`{ "error": { "code": "addressInvalid", "message": "…", "field": "to[0]", "request_id": "…" } }`}</pre>
      </div>
      <div className="section">
        <table className="plain-table">
          <caption className="unseen">{t('title')}</caption>
          <thead className="unseen">
            <tr>
              <th scope="col">{t('code')}</th>
              <th scope="col">{t('means')}</th>
            </tr>
          </thead>
          <tbody>
            {apiErrors.map(({ status, code }) => (
              <tr key={code}>
                <th scope="row">
                  {status} <code>{code}</code>
                </th>
                <td className="soft">{say(code as 'bodyTooLarge', { ...values, megabytes: megabytesOf(code) })}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">422</th>
              <td className="soft">{t('value')}</td>
            </tr>
            {valueErrors.map(code => (
              <tr key={code}>
                <th scope="row">
                  422 <code>{code}</code>
                </th>
                <td className="soft">{say(code as 'tooLong', { ...values, most: mostOf(code) })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
