'use client'

import { useTranslations } from 'next-intl'
import { Button } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { Notice } from '@/app/_ui/state'
import { connectPath } from '@/lib/microsoft365/connect-path'
import { AdminConsentLink } from '../_explanation/admin-consent-link'
import type { CardPageView } from './card-view'
import type { MicrosoftActions } from './use-microsoft-actions'

type ConnectionProps = { view: CardPageView; actions: MicrosoftActions; isLocked: boolean }

const bold = { b: (chunks: React.ReactNode) => <b>{chunks}</b> }

/** The mailbox of this card at Microsoft: none yet, connected, another than the card's, or in want of a new consent. */
export function MicrosoftConnection({ view, actions, isLocked }: ConnectionProps) {
  const t = useTranslations('microsoft365')
  const { isConfigured, isSandbox, connection, outcome, adminConsent } = view.microsoft
  if (!isConfigured)
    return (
      <Notice tone="attention">
        <p>{t('notConfigured')}</p>
      </Notice>
    )
  if (view.isMoveDue)
    return (
      <Notice tone="attention">
        <p>{t('moveFirst')}</p>
        <p className="actions mt-4">
          <a className="button small" href="#move">
            {t('toMove')}
          </a>
        </p>
      </Notice>
    )
  return (
    <section className="stack" aria-label={t('title')} id="microsoft365">
      {outcome && !outcome.isConnected ? (
        <Notice tone="attention" live>
          <p>{outcome.sentence}</p>
        </Notice>
      ) : null}
      <FormOutcome state={actions.state} />
      {actions.goTo ? (
        <p>
          <a href={actions.goTo}>{t('continue')}</a>
        </p>
      ) : null}
      {connection === null ? <NotConnected actions={actions} view={view} isLocked={isLocked} /> : <Connected view={view} actions={actions} />}
      {adminConsent ? <AdminConsent consent={adminConsent} code={view.card.code} /> : null}
      {isSandbox ? <p className="hint">{t('sandbox')}</p> : null}
    </section>
  )
}

function NotConnected({ actions, view: { sender, card }, isLocked }: ConnectionProps) {
  const t = useTranslations('microsoft365')
  // the base user's sender is changed only once its mailbox is there: others send by it
  const isConnectedFirst = sender.isBase && sender.choice !== 'microsoft365'
  return (
    <div>
      <p className="soft">{t('notConnected')}</p>
      {isLocked ? null : (
        <p className="actions mt-4">
          {isConnectedFirst ? (
            <ToMicrosoft code={card.code}>{t('authenticate')}</ToMicrosoft>
          ) : (
            <Button type="submit" data-microsoft="connect" formAction={actions.run.connect} aria-disabled={actions.isBusy || undefined}>
              {t('authenticate')}
            </Button>
          )}
        </p>
      )}
      {isLocked || isConnectedFirst ? null : <p className="hint mt-2">{t('savesFirst')}</p>}
    </div>
  )
}

function Connected({ view, actions }: Omit<ConnectionProps, 'isLocked'>) {
  const { connection } = view.microsoft
  if (!connection) return null
  const Part = connection.state === 'reconnectNeeded' ? Broken : connection.isAgreed ? Authenticated : Mismatch
  return (
    <>
      <input type="hidden" name="connectionVersion" value={connection.version} />
      <Part connection={connection} view={view} actions={actions} />
    </>
  )
}

type PartProps = { connection: NonNullable<CardPageView['microsoft']['connection']>; view: CardPageView; actions: MicrosoftActions }

function Authenticated({ connection: { address, saslUser, connectedAt, via }, view: { card, microsoft }, actions }: PartProps) {
  const t = useTranslations('microsoft365')
  return (
    <Notice tone="works" live={microsoft.outcome?.isConnected}>
      <p className="font-semibold">{t('authenticated')}</p>
      <p className="mt-1">
        {t.rich('connectedAs', { ...bold, address, when: () => <RelativeTime at={connectedAt} /> })}{' '}
        {via === 'smtp' && saslUser && saslUser !== address.toLowerCase() ? t('signsIn', { name: saslUser }) : null}
      </p>
      {via === 'graph' ? <p className="mt-1">{t('overGraph')}</p> : null}
      <p className="actions mt-4">
        <ToMicrosoft code={card.code} via={via}>
          {t('reconnect')}
        </ToMicrosoft>
        {via === 'graph' ? (
          <ToMicrosoft code={card.code} via="smtp">
            {t('backToSmtp')}
          </ToMicrosoft>
        ) : null}
        {microsoft.mayMove ? (
          <Button type="submit" small data-microsoft="disconnect" formAction={actions.run.disconnect} aria-disabled={actions.isBusy || undefined}>
            {t('disconnect')}
          </Button>
        ) : null}
      </p>
    </Notice>
  )
}

/** Whose consent it is and whose name the mail bears, before anything is sent so. */
function Mismatch({ connection: { address, username }, view: { card, route, microsoft }, actions }: PartProps) {
  const t = useTranslations('microsoft365')
  return (
    <Notice tone="attention">
      <p className="font-semibold">{t('mismatch')}</p>
      <p className="mt-1">{t.rich('mismatchText', { ...bold, address, username })}</p>
      <p className="mt-1">{t('mismatchUse', { address, username, from: route.from?.value.address ?? username })}</p>
      <p className="actions mt-4">
        {microsoft.mayMove ? (
          <Button type="submit" small data-microsoft="agree" formAction={actions.run.agree} aria-disabled={actions.isBusy || undefined}>
            {t('useAnyway')}
          </Button>
        ) : null}
        <ToMicrosoft code={card.code}>{t('another')}</ToMicrosoft>
      </p>
    </Notice>
  )
}

function Broken({ connection: { address, brokenAt, via }, view: { card, microsoft, isOwn, isAdmin }, actions }: PartProps) {
  const t = useTranslations('microsoft365')
  return (
    <Notice tone="attention">
      <p className="font-semibold">{t('broken')}</p>
      <p className="mt-1">{t.rich('brokenText', { ...bold, address, when: () => <RelativeTime at={brokenAt ?? new Date()} /> })}</p>
      {isOwn || isAdmin ? (
        <p className="actions mt-4">
          <ToMicrosoft code={card.code} via={via}>
            {t('reconnect')}
          </ToMicrosoft>
          {microsoft.mayMove ? (
            <Button type="submit" small data-microsoft="disconnect" formAction={actions.run.disconnect} aria-disabled={actions.isBusy || undefined}>
              {t('disconnect')}
            </Button>
          ) : null}
        </p>
      ) : (
        <p className="mt-1">{t('brokenOther')}</p>
      )}
    </Notice>
  )
}

/** What an administrator has to consent to: the link to send, and that it has been granted. */
export function AdminConsent({
  consent: { purpose, link, grantedAt },
  code,
}: {
  consent: NonNullable<CardPageView['microsoft']['adminConsent']>
  code: string
}) {
  const t = useTranslations('microsoft365')
  const isGraph = purpose === 'graph'
  if (grantedAt)
    return (
      <Notice tone="works">
        <p>{t.rich(isGraph ? 'adminGrantedGraph' : 'adminGranted', { when: () => <RelativeTime at={grantedAt} /> })}</p>
        {isGraph ? (
          <p className="actions mt-4">
            <ToMicrosoft code={code} via="graph">
              {t('toGraph')}
            </ToMicrosoft>
          </p>
        ) : null}
      </Notice>
    )
  return (
    <div>
      <p className="soft">{t(isGraph ? 'adminNeededGraph' : 'adminNeeded')}</p>
      {link ? (
        <div className="mt-2">
          <AdminConsentLink link={link} />
        </div>
      ) : null}
    </div>
  )
}

/** A plain link: nothing may fetch it ahead, because it begins a sign-in. `via`: what the consent is for, SMTP unless told. */
function ToMicrosoft({ code, via = 'smtp', children }: { code: string; via?: 'smtp' | 'graph'; children: React.ReactNode }) {
  return (
    <a className="button small" href={connectPath(code, via)}>
      {children}
    </a>
  )
}
