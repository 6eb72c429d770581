import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ButtonLink } from '@/app/_ui/button'
import { RelativeTime } from '@/app/_ui/relative-time'
import { EmptyState, PageHead } from '@/app/_ui/sheet'
import { HeadCell, ListFoot, MainLink, Table } from '@/app/_ui/table'
import { getDb } from '@/db/client'
import { env } from '@/lib/env'
import { listCaptured } from '@/lib/sandbox/captured-message'
import { requireSandbox } from './require-sandbox'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('sandbox')
  return { title: t('title') }
}

export default async function SandboxPage() {
  await requireSandbox()
  const t = await getTranslations('sandbox')
  const captured = await listCaptured(getDb())
  return (
    <>
      <PageHead title={t('title')}>{t('intro', { platform: env.platform.name })}</PageHead>
      <div className="sheet">
        {captured.length === 0 ? (
          <EmptyState title={t('emptyTitle')} actions={<ButtonLink href="/test-send">{t('emptyAction')}</ButtonLink>}>
            {t('emptyText')}
          </EmptyState>
        ) : (
          <>
            <Table
              caption={t('listCaption')}
              head={
                <tr>
                  <HeadCell className="lead">{t('message')}</HeadCell>
                  <HeadCell>{t('envelope')}</HeadCell>
                  <HeadCell className="when">{t('received')}</HeadCell>
                </tr>
              }
            >
              {captured.map(message => (
                <tr key={message.id}>
                  <td className="subject lead">
                    <MainLink href={`/sandbox/${message.id}`}>{message.subject || t('noSubject')}</MainLink>
                    {message.username ? <span className="under">{t('signedInAs', { username: message.username })}</span> : null}
                  </td>
                  <td className="what">
                    <span className="mono under">{message.envelopeRecipients.join(', ')}</span>
                    <span className="hint">{t('from', { address: message.envelopeSender || t('emptyPath') })}</span>
                  </td>
                  <td className="when">
                    <RelativeTime at={message.receivedAt} short />
                  </td>
                </tr>
              ))}
            </Table>
            <ListFoot count={t('count', { count: captured.length })} />
          </>
        )}
      </div>
    </>
  )
}
