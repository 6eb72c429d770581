'use client'

import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { Button } from '@/app/_ui/button'
import { Field, Input, Select } from '@/app/_ui/field'
import { Icon } from '@/app/_ui/icon'
import { Notice } from '@/app/_ui/state'
import type { Tls } from '@/db/schema'
import { hostTyped, isGmailHost, isMicrosoftHost } from '@/lib/sender/server-field'
import { type CardPageView, whoseIs } from './card-view'
import { AuthorIsLogin, MailingNote, PersonalMailbox, Responsibility } from './choice-notices'
import { DiscoverySection } from './discovery-section'
import type { SenderFieldsState } from './use-sender-fields'

const tlsValues: Tls[] = ['none', 'implicit', 'starttls']
const isTls = (text: string): text is Tls => tlsValues.some(tls => tls === text)

export type FieldLocks = { server: boolean; username: boolean; password: boolean }
type SmtpFieldsProps = {
  view: CardPageView
  state: SenderFieldsState
  isPersonalMailbox: boolean
  errors: Record<string, string>
  locks: FieldLocks
  onPassword: (hasTyped: boolean) => void
}

/** Server and port in one field, SSL/TLS, and an optional login. What a base user gives is ghost text. */
export function SmtpFields({ view, state, isPersonalMailbox, errors, locks, onPassword }: SmtpFieldsProps) {
  const { sender, gmail } = view
  const t = useTranslations('card')
  const tTls = useTranslations('route.tls')
  const tMove = useTranslations('microsoftMove')
  const { fields, set, setServer, setTls, choose } = state
  const isLive = useIsLive()
  const inherits = sender.baseServer !== null && fields.server.trim() === ''
  const isGmail = isGmailHost(hostTyped(fields.server)) || fields.server.trim().toLowerCase() === gmail
  const isMicrosoft = isMicrosoftHost(hostTyped(fields.server))
  return (
    <>
      {isLive && !locks.server ? <DiscoverySection view={view} state={state} /> : null}
      <div className="provider">
        {isLive && !locks.server ? (
          <div className="segments" role="radiogroup" aria-label={t('provider.label')}>
            <label>
              <input type="radio" checked={isGmail} onChange={() => choose(gmail, 'implicit')} />
              {t('provider.gmail')}
            </label>
            <label>
              <input type="radio" checked={!isGmail} onChange={() => choose('', null)} />
              {t('provider.other')}
            </label>
          </div>
        ) : (
          <span />
        )}
        <Link href={isGmail ? '/help/gmail' : '/help/smtp'}>{t(isGmail ? 'provider.gmailGuide' : 'provider.smtpGuide')}</Link>
      </div>
      <div className="fields">
        <Field
          width="half"
          label={t('server.label')}
          error={errors.server}
          hint={sender.baseServer ? t('server.hintBase', { code: sender.baseCode ?? '' }) : t('server.hint')}
        >
          <Input
            name="server"
            value={fields.server}
            onChange={event => setServer(event.target.value)}
            readOnly={locks.server}
            placeholder={sender.baseServer ?? 'smtp.example.com:587'}
            tag={inherits ? <Inherited code={sender.baseCode ?? ''} /> : undefined}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        </Field>
        <Field width="half" label={t('tls.label')} error={errors.tls} hint={inherits ? t('tls.hintBase') : t('tls.hint')}>
          <Select
            name="tls"
            value={inherits && sender.baseTls ? sender.baseTls : fields.tls}
            onChange={event => isTls(event.target.value) && setTls(event.target.value)}
            disabled={locks.server || (isLive && inherits)}
          >
            {tlsValues.map(tls => (
              <option key={tls} value={tls}>
                {tTls(tls)}
              </option>
            ))}
          </Select>
          {locks.server ? <input type="hidden" name="tls" value={fields.tls} /> : null}
        </Field>
        {fields.tls === 'none' && !inherits && !locks.server ? (
          <div className="field">
            <Notice tone="attention">
              <p>{t.rich('openWarning', { b: chunks => <b>{chunks}</b> })}</p>
            </Notice>
          </div>
        ) : null}
        <Field
          width="half"
          label={t('username.label')}
          error={errors.username}
          hint={inherits ? t('username.hintBase', { whose: whoseIs(view), code: sender.baseCode ?? '' }) : t('username.hint')}
        >
          <Input
            name="username"
            value={fields.username}
            onChange={event => set({ username: event.target.value })}
            readOnly={locks.username}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        </Field>
        <PasswordField sender={sender} error={errors.password} isSameLogin={isSameLogin(fields, sender)} isLocked={locks.password} onPassword={onPassword} />
      </div>
      {isMicrosoft && isPersonalMailbox && !view.isMoveDue ? (
        <PersonalMailbox platform={view.platform} onReplyTo={locks.server ? null : () => set({ choice: 'replyTo' })} />
      ) : isMicrosoft ? (
        <Notice tone="attention">
          <p>{t.rich('microsoft.smtpHost', { b: chunks => <b>{chunks}</b> })}</p>
          {view.isMoveDue ? (
            <p className="actions mt-2">
              <a className="button" href="#move">
                {tMove('button')}
              </a>
            </p>
          ) : isLive && !locks.server ? (
            <p className="actions mt-2">
              <Button small onClick={() => set({ choice: 'microsoft365' })}>
                {t('microsoft.move')}
              </Button>
            </p>
          ) : null}
        </Notice>
      ) : null}
      <AuthorIsLogin name="authorIsLogin" state={state} isLocked={locks.username} />
      {inherits || locks.server ? null : <Responsibility view={view} />}
      {inherits || locks.server ? null : <MailingNote view={view} />}
    </>
  )
}

/** Write-only: what is stored is never sent here, only since when. */
function PasswordField({
  sender,
  error,
  isSameLogin,
  isLocked,
  onPassword,
}: {
  sender: CardPageView['sender']
  error: string | undefined
  isSameLogin: boolean
  isLocked: boolean
  onPassword: (hasTyped: boolean) => void
}) {
  const t = useTranslations('card.password')
  const format = useFormatter()
  const { hasPassword, passwordSavedAt } = sender
  const isKept = hasPassword && isSameLogin
  const savedOn = isKept && passwordSavedAt ? t('savedOn', { date: format.dateTime(new Date(passwordSavedAt), 'day') }) : ''
  return (
    <Field width="half" label={t('label')} error={error} hint={isKept ? t('keep') : hasPassword ? t('again') : t('hint')}>
      <Input
        key={sender.version}
        type="password"
        name="password"
        placeholder={savedOn}
        readOnly={isLocked}
        onChange={event => onPassword(event.target.value !== '')}
        autoComplete="new-password"
      />
    </Field>
  )
}

const isSameLogin = (fields: SenderFieldsState['fields'], sender: CardPageView['sender']) =>
  fields.server.trim() === sender.server && (sender.server === '' || fields.tls === sender.tls) && fields.username.trim() === sender.username

function Inherited({ code }: { code: string }) {
  return (
    <>
      <Icon name="inherited" /> {code}
    </>
  )
}

/** False on the server and until the page lives: what needs JavaScript does not pretend before. */
function useIsLive(): boolean {
  const [isLive, setLive] = useState(false)
  useEffect(() => setLive(true), [])
  return isLive
}
