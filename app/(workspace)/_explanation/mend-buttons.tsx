'use client'

import { useTranslations } from 'next-intl'
import { startTransition, useState } from 'react'
import { useFormAction } from '@/app/_forms/use-form-action'
import { Button, ButtonLink } from '@/app/_ui/button'
import { CopyBlock } from '@/app/_ui/copy-block'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { Icon } from '@/app/_ui/icon'
import { Notice } from '@/app/_ui/state'
import type { Explained } from '@/lib/diagnosis/explain-failure'
import { type MendAction, mendActions } from '@/lib/diagnosis/mend-actions'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import { commandsFor } from '@/lib/microsoft365/explain-smtp-reply'
import { switchSmtpOnForMailbox } from '@/lib/microsoft365/powershell'
import { formatServer } from '@/lib/sender/server-field'
import type { SenderFields } from '../_card/card-view'
import { mend } from './actions'
import { AdminConsentLink } from './admin-consent-link'
import { CertificatePanel } from './certificate-panel'
import type { OnScreen } from './on-screen'
import { ProbePanel } from './probe-panel'
import { UseGraph } from './use-graph'

type MendButtonsProps = { explained: Explained; context: MendContext; onScreen: OnScreen | undefined }
type OneProps = { explained: Explained; context: MendContext; onScreen: OnScreen | undefined; isFirst: boolean; done: (word: 'set' | 'blanks') => void }

/** What mends this failure, most likely first. Nobody sees a button that is not theirs to press. */
export function MendButtons({ explained, context: given, onScreen }: MendButtonsProps) {
  const t = useTranslations('mend')
  const [outcome, act, isActing] = useFormAction(mend)
  const [word, setWord] = useState<'set' | 'blanks' | null>(null)
  const context = onScreen ? { ...given, hasBlanks: onScreen.hasBlanks() } : given
  const actions = mendActions(explained, context)
  const { ownerCode, isOwner, isAdmin } = context
  const press = (action: MendAction, code: string) => {
    if (isActing) return
    const form = new FormData()
    form.set('action', action)
    form.set('code', code)
    startTransition(() => act(form))
  }
  const isForm = (action: MendAction) => action === 'useAuthorIsLogin' || action === 'useReplyTo' || action === 'removeBlanks'
  return (
    <>
      {actions.length > 0 ? (
        <div className="actions">
          {actions.map((action, position) => {
            const look = position === 0 ? {} : ({ look: 'plain' } as const)
            if (isForm(action) && !onScreen)
              return (
                <Button
                  key={action}
                  {...look}
                  aria-disabled={isActing || undefined}
                  onClick={() => press(action, action === 'removeBlanks' ? ownerCode : context.code)}
                >
                  <ActionWords action={action} context={context} />
                </Button>
              )
            return <One key={action} action={action} explained={explained} context={context} onScreen={onScreen} isFirst={position === 0} done={setWord} />
          })}
        </div>
      ) : null}
      {word ? (
        <Notice tone="works" live>
          <p>{t(`onScreen.${word}`)}</p>
        </Notice>
      ) : null}
      <FormOutcome state={outcome} />
      {!isOwner && !isAdmin ? <p className="hint mt-3">{t('mends', { code: ownerCode })}</p> : null}
    </>
  )
}

function ActionWords({ action, context: { mailbox, email, replyToName } }: { action: MendAction; context: MendContext }) {
  const t = useTranslations('mend')
  if (action === 'useAuthorIsLogin') return t('useAuthorIsLogin', { mailbox: mailbox ?? '', email: email ?? '' })
  if (action === 'useReplyTo') return t('useReplyTo', { name: replyToName })
  return t('removeBlanks')
}

function One({ action, explained, context, onScreen, isFirst, done }: OneProps & { action: MendAction }) {
  const t = useTranslations('mend')
  const { ownerCode, isOwner, username, host, port } = context
  const look = isFirst ? {} : ({ look: 'plain' } as const)
  const cardHref = isOwner ? '/settings/user' : `/settings/users/${encodeURIComponent(ownerCode)}`
  const server = host && port ? formatServer({ host, port }) : null
  if (action === 'probe')
    return server ? <ProbePanel server={server} host={host ?? ''} context={context} cardHref={cardHref} onScreen={onScreen} look={look} /> : null
  if (action === 'showCertificate') return server ? <CertificatePanel server={server} context={context} onScreen={onScreen} look={look} /> : null
  if (action === 'powershell') return <PowerShell explained={explained} mailbox={username ?? ''} />
  if (action === 'adminConsent') return context.adminConsentLink ? <AdminConsentLink link={context.adminConsentLink} /> : null
  if (action === 'connectMicrosoft')
    // a plain link: nothing may fetch it ahead, because it begins a sign-in
    return (
      <a className={isFirst ? 'button' : 'button plain'} href={context.connectPath}>
        {t(explained.explanation === 'consentNeeded' ? 'connectMicrosoft' : 'reconnectMicrosoft')}
      </a>
    )
  if (action === 'useGraph') return <UseGraph code={ownerCode} look={look} />
  if (action === 'openGoogle')
    return (
      <a className={isFirst ? 'button' : 'button plain'} href="https://myaccount.google.com/apppasswords" target="_blank" rel="noreferrer">
        {t('openGoogle')} <Icon name="external" />
      </a>
    )
  if (action === 'ipWhitelist')
    return (
      <ButtonLink {...look} href="/help/ip-whitelist">
        {t('ipWhitelist')}
      </ButtonLink>
    )
  if (action === 'chooseMicrosoft' && isOwner)
    return (
      <ButtonLink {...look} href="/settings/user#move">
        {t('moveMicrosoft')}
      </ButtonLink>
    )
  if (onScreen) {
    const apply = (change: Partial<SenderFields>) => () => {
      onScreen.apply(change)
      done('set')
    }
    const pressed: Partial<Record<MendAction, () => void>> = {
      useAuthorIsLogin: apply({ authorIsLogin: true }),
      useReplyTo: apply({ choice: 'replyTo' }),
      chooseMicrosoft: apply({ choice: 'microsoft365' }),
      removeBlanks: () => {
        onScreen.removeBlanks()
        done('blanks')
      },
      typePassword: onScreen.focusPassword,
    }
    const press = pressed[action]
    return press ? (
      <Button {...look} onClick={press}>
        {action === 'typePassword' || action === 'chooseMicrosoft' ? t(action) : <ActionWords action={action} context={context} />}
      </Button>
    ) : null
  }
  const href = {
    typePassword: `${cardHref}?preset=password`,
    chooseMicrosoft: `${cardHref}?preset=microsoft365`,
  }[action as 'typePassword']
  return (
    <ButtonLink {...look} href={href ?? cardHref}>
      {t(action as 'openCard')}
    </ButtonLink>
  )
}

/** Lines for the administrator of Microsoft 365, with the real mailbox in them. */
function PowerShell({ explained: { explanation, asAddress }, mailbox }: { explained: Explained; mailbox: string }) {
  const t = useTranslations('mend')
  const commands = commandsFor(explanation, mailbox, asAddress ?? null)
  const lines = explanation === 'smtpAuthDisabled' ? [switchSmtpOnForMailbox(mailbox)] : commands
  return lines.length > 0 ? (
    <div className="w-full">
      <CopyBlock label={t('powershell')} text={lines.join('\n')} isCommand />
    </div>
  ) : null
}
