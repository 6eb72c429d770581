import { useTranslations } from 'next-intl'
import { Panel } from '@/app/_ui/sheet'
import { initialsOf } from './initials'
import type { RouteView } from './route-view'

/** What the recipient sees: a small mail header, as this route would write it. */
export function LetterPanel({ route }: { route: RouteView }) {
  const t = useTranslations('route')
  const { from, replyTo, envelopeSender } = route
  const mono = (chunks: React.ReactNode) => <span className="mono">{chunks}</span>
  return (
    <Panel title={t('letterTitle')} foot={envelopeSender ? t.rich('returnPath', { address: envelopeSender.value, mono }) : undefined}>
      <div className="letter">
        <p className="letter-subject">{t('sampleSubject')}</p>
        {from ? (
          <>
            <div className="letter-from">
              <span className="initials" aria-hidden="true">
                {initialsOf(from.value.name)}
              </span>
              <p>
                <b>{from.value.name}</b>
                <span className="mono">{from.value.address}</span>
              </p>
            </div>
            <dl className="pairs">
              <dt>{t('replyTo')}</dt>
              <dd>{replyTo?.value ?? t('sameAddress')}</dd>
            </dl>
          </>
        ) : (
          <p className="soft">{t('noSender')}</p>
        )}
      </div>
    </Panel>
  )
}
