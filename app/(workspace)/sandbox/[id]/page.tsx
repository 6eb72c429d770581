import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { getFormatter, getTranslations } from 'next-intl/server'
import { cache } from 'react'
import { CopyBlock } from '@/app/_ui/copy-block'
import { Icon } from '@/app/_ui/icon'
import { RelativeTime } from '@/app/_ui/relative-time'
import { PageHead, Panel } from '@/app/_ui/sheet'
import { getDb } from '@/db/client'
import { Refusal } from '@/lib/errors'
import { getCaptured } from '@/lib/sandbox/captured-message'
import { requireSandbox } from '../require-sandbox'
import { closedDocument } from './closed-document'

type CapturedPageProps = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: CapturedPageProps): Promise<Metadata> {
  const { subject } = await findCaptured((await params).id)
  return { title: subject || (await getTranslations('sandbox'))('noSubject') }
}

export default async function CapturedPage({ params }: CapturedPageProps) {
  const [t, format, captured] = await Promise.all([getTranslations('sandbox'), getFormatter(), findCaptured((await params).id)])
  const size = (bytes: number) =>
    bytes < 1000
      ? format.number(bytes, { style: 'unit', unit: 'byte', unitDisplay: 'long' })
      : format.number(bytes / 1000, { maximumFractionDigits: 1, style: 'unit', unit: 'kilobyte' })
  return (
    <>
      <p>
        <Link className="back" href="/sandbox">
          <Icon name="left" /> {t('back')}
        </Link>
      </p>
      <PageHead title={captured.subject || t('noSubject')}>
        {t('received')} <RelativeTime at={captured.receivedAt} />
      </PageHead>
      <div className="split">
        <div className="sheet">
          <div className="section">
            <h2>{t('text')}</h2>
            {captured.text ? <CopyBlock label={t('text')} text={captured.text} wrapped tall /> : <p>{t('noText')}</p>}
          </div>
          {captured.html ? (
            <div className="section">
              <h2>{t('html')}</h2>
              <p>{t('htmlIntro')}</p>
              <iframe className="letter-frame" title={t('htmlTitle')} sandbox="" referrerPolicy="no-referrer" srcDoc={closedDocument(captured.html)} />
            </div>
          ) : null}
          {captured.attachments.length > 0 ? (
            <div className="section">
              <h2>{t('attachments')}</h2>
              <ul className="bullets">
                {captured.attachments.map(({ filename, contentType, sizeBytes }) => (
                  <li key={`${filename} ${contentType} ${sizeBytes}`}>
                    {filename || t('noName')} <span className="mono quiet">{contentType}</span> {size(sizeBytes)}
                  </li>
                ))}
              </ul>
            </div>
          ) : null}
        </div>
        <aside className="beside stack" aria-label={t('envelope')}>
          <Panel title={t('envelope')}>
            <dl className="route">
              <Fact label={t('envelopeSender')} value={captured.envelopeSender || t('emptyPath')} />
              <Fact label={t('envelopeRecipients')} value={captured.envelopeRecipients.join(', ')} />
              <Fact label={t('username')} value={captured.username ?? t('nobody')} />
            </dl>
          </Panel>
          <Panel title={t('headers')}>
            <dl className="route">
              {captured.headers.map(({ name, value }) => (
                <Fact key={`${name} ${value}`} label={name} value={value} />
              ))}
            </dl>
          </Panel>
        </aside>
        <div className="sheet section">
          <h2>{t('raw')}</h2>
          <p>{t('rawIntro')}</p>
          <CopyBlock label={t('rawLabel')} text={captured.raw} wrapped tall />
        </div>
      </div>
    </>
  )
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  )
}

/** Read once for title and page. */
const findCaptured = cache(async (id: string) => {
  await requireSandbox()
  try {
    return await getCaptured(getDb(), { id })
  } catch (error) {
    if (error instanceof Refusal) notFound()
    throw error
  }
})
