'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Fragment } from 'react'
import { CopyButton } from '@/app/_ui/copy-button'
import { Field, Input } from '@/app/_ui/field'
import type { CardPageView } from './card-view'
import { AuthorIsLogin, MicrosoftNotice, PersonalMailbox, Responsibility } from './choice-notices'
import { MicrosoftConnection } from './microsoft-connection'
import type { MicrosoftActions } from './use-microsoft-actions'
import type { SenderFieldsState } from './use-sender-fields'

const command = 'Set-TransportConfig -SmtpClientAuthenticationDisabled $false'

type MicrosoftFieldsProps = {
  view: CardPageView
  state: SenderFieldsState
  isPersonalMailbox: boolean
  errors: Record<string, string>
  actions: MicrosoftActions
  isLocked: boolean
}

/** What must be true before Microsoft's servers take mail by SMTP, and under which name one signs in there. Never a password. */
export function MicrosoftFields({ view, state, isPersonalMailbox, errors, actions, isLocked }: MicrosoftFieldsProps) {
  const t = useTranslations('card.microsoft')
  const tRoute = useTranslations('route')
  const tCard = useTranslations('card')
  const { fields, set } = state
  const { microsoft, card } = view
  const isOverGraph = microsoft.connection?.via === 'graph'
  return (
    <>
      {isOverGraph ? null : (
        <div>
          <div className="provider">
            <h3 className="font-semibold">{t('title')}</h3>
            <Link href="/help/microsoft-365">{t('guide')}</Link>
          </div>
          <p className="soft mt-1">{t.rich('smtpOn', { b: chunks => <b>{chunks}</b> })}</p>
          <p className="soft mt-2">{t('organisation')}</p>
          <div className="raw mt-2">
            <div className="raw-head">
              <code className="mono">
                {command.split(' ').map(word => (
                  <Fragment key={word}>
                    <span>{word}</span>{' '}
                  </Fragment>
                ))}
              </code>
              <CopyButton text={command} of={command} />
            </div>
          </div>
        </div>
      )}
      <dl className="pairs">
        <dt>{tCard('server.label')}</dt>
        <dd>{isOverGraph ? tRoute('value.graph', { host: microsoft.graphHost }) : microsoft.server}</dd>
        {isOverGraph ? null : (
          <>
            <dt>{tCard('tls.label')}</dt>
            <dd>StartTLS</dd>
          </>
        )}
      </dl>
      <div className="fields">
        <Field label={t('usernameLabel')} error={errors.username ?? (isPersonalMailbox ? t('personal') : undefined)} hint={t('usernameHint')}>
          <Input
            name="microsoftUsername"
            type="text"
            inputMode="email"
            value={fields.username}
            placeholder={card.email ?? ''}
            onChange={event => set({ username: event.target.value })}
            readOnly={isLocked}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        </Field>
      </div>
      {isPersonalMailbox ? <PersonalMailbox platform={view.platform} onReplyTo={isLocked ? null : () => set({ choice: 'replyTo' })} /> : null}
      {isPersonalMailbox && microsoft.connection === null ? null : <MicrosoftConnection view={view} actions={actions} isLocked={isLocked} />}
      <AuthorIsLogin name="microsoftAuthorIsLogin" state={state} isLocked={isLocked} />
      <MicrosoftNotice notice={microsoft.notice} />
      <Responsibility view={view} />
    </>
  )
}
