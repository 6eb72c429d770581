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
  const { fields, set } = state
  const isLive = useIsLive()
  const inherits = sender.baseServer !== null && fields.server.trim() === ''
  const isGmail = isGmailHost(hostTyped(fields.server)) || fields.server.trim().toLowerCase() === gmail
  const mayChoose = isLive && !locks.server
  return (
    <>
      {mayChoose ? <DiscoverySection view={view} state={state} /> : null}
      <Provider isGmail={isGmail} onChoose={mayChoose ? isGmail => (isGmail ? state.choose(gmail, 'implicit') : state.choose('', null)) : null} />
      <div className="fields">
        <ServerField sender={sender} state={state} error={errors.server} isLocked={locks.server} inherits={inherits} />
        <TlsField sender={sender} state={state} error={errors.tls} isLocked={locks.server} inherits={inherits} isLive={isLive} />
        {fields.tls === 'none' && !inherits && !locks.server ? <OpenWarning /> : null}
        <UsernameField view={view} state={state} error={errors.username} isLocked={locks.username} inherits={inherits} />
        <PasswordField sender={sender} error={errors.password} isSameLogin={isSameLogin(fields, sender)} isLocked={locks.password} onPassword={onPassword} />
      </div>
      {isMicrosoftHost(hostTyped(fields.server)) ? (
        isPersonalMailbox && !view.isMoveDue ? (
          <PersonalMailbox platform={view.platform} onReplyTo={locks.server ? null : () => set({ choice: 'replyTo' })} />
        ) : (
          <MicrosoftHost isMoveDue={view.isMoveDue} onMove={mayChoose ? () => set({ choice: 'microsoft365' }) : null} />
        )
      ) : null}
      <AuthorIsLogin name="authorIsLogin" state={state} isLocked={locks.username} />
      {inherits || locks.server ? null : <Responsibility view={view} />}
      {inherits || locks.server ? null : <MailingNote view={view} />}
    </>
  )
}

/** Gmail or another server, and its guide. `onChoose` null: it cannot be changed here. */
function Provider({ isGmail, onChoose }: { isGmail: boolean; onChoose: ((isGmail: boolean) => void) | null }) {
  const t = useTranslations('card.provider')
  return (
    <div className="provider">
      {onChoose ? (
        <div className="segments" role="radiogroup" aria-label={t('label')}>
          <label>
            <input type="radio" checked={isGmail} onChange={() => onChoose(true)} />
            {t('gmail')}
          </label>
          <label>
            <input type="radio" checked={!isGmail} onChange={() => onChoose(false)} />
            {t('other')}
          </label>
        </div>
      ) : (
        <span />
      )}
      <Link href={isGmail ? '/help/gmail' : '/help/smtp'}>{t(isGmail ? 'gmailGuide' : 'smtpGuide')}</Link>
    </div>
  )
}

type SmtpFieldProps = {
  sender: CardPageView['sender']
  state: SenderFieldsState
  error: string | undefined
  isLocked: boolean
  inherits: boolean // server and SSL/TLS, from the base user
}

function ServerField({ sender, state, error, isLocked, inherits }: SmtpFieldProps) {
  const t = useTranslations('card.server')
  return (
    <Field width="half" label={t('label')} error={error} hint={sender.baseServer ? t('hintBase', { code: sender.baseCode ?? '' }) : t('hint')}>
      <Input
        name="server"
        value={state.fields.server}
        onChange={event => state.setServer(event.target.value)}
        readOnly={isLocked}
        placeholder={sender.baseServer ?? 'smtp.example.com:587'}
        tag={inherits ? <Inherited code={sender.baseCode ?? ''} /> : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
    </Field>
  )
}

function TlsField({ sender, state, error, isLocked, inherits, isLive }: SmtpFieldProps & { isLive: boolean }) {
  const t = useTranslations('card.tls')
  const tTls = useTranslations('route.tls')
  const { tls } = state.fields
  return (
    <Field width="half" label={t('label')} error={error} hint={inherits ? t('hintBase') : t('hint')}>
      <Select
        name="tls"
        value={inherits && sender.baseTls ? sender.baseTls : tls}
        onChange={event => isTls(event.target.value) && state.setTls(event.target.value)}
        disabled={isLocked || (isLive && inherits)}
      >
        {tlsValues.map(tls => (
          <option key={tls} value={tls}>
            {tTls(tls)}
          </option>
        ))}
      </Select>
      {isLocked ? <input type="hidden" name="tls" value={tls} /> : null}
    </Field>
  )
}

function OpenWarning() {
  const t = useTranslations('card')
  return (
    <div className="field">
      <Notice tone="attention">
        <p>{t.rich('openWarning', { b: chunks => <b>{chunks}</b> })}</p>
      </Notice>
    </div>
  )
}

function UsernameField({ view, state, error, isLocked, inherits }: Omit<SmtpFieldProps, 'sender'> & { view: CardPageView }) {
  const t = useTranslations('card.username')
  const hint = inherits ? t('hintBase', { whose: whoseIs(view), code: view.sender.baseCode ?? '' }) : t('hint')
  return (
    <Field width="half" label={t('label')} error={error} hint={hint}>
      <Input
        name="username"
        value={state.fields.username}
        onChange={event => state.set({ username: event.target.value })}
        readOnly={isLocked}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
    </Field>
  )
}

/** A password at Microsoft's own host, which is on its way out: leads to the sign-in instead. `onMove` null: it cannot be chosen here. */
function MicrosoftHost({ isMoveDue, onMove }: { isMoveDue: boolean; onMove: (() => void) | null }) {
  const t = useTranslations('card.microsoft')
  const tMove = useTranslations('microsoftMove')
  return (
    <Notice tone="attention">
      <p>{t.rich('smtpHost', { b: chunks => <b>{chunks}</b> })}</p>
      {isMoveDue ? (
        <p className="actions mt-2">
          <a className="button" href="#move">
            {tMove('button')}
          </a>
        </p>
      ) : onMove ? (
        <p className="actions mt-2">
          <Button small onClick={onMove}>
            {t('move')}
          </Button>
        </p>
      ) : null}
    </Notice>
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
