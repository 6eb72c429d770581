'use client'

import { useTranslations } from 'next-intl'
import type { FormState } from '@/app/_forms/form-state'
import { Button, ButtonLink } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { FormOutcome } from '@/app/_ui/form-outcome'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import { connectPath } from '@/lib/microsoft365/connect-path'
import { isMicrosoftHost } from '@/lib/sender/server-field'
import { ConversationBelow } from '../_conversation/conversation-sheet'
import type { OnScreen } from '../_explanation/on-screen'
import type { RouteView } from '../_route/route-view'
import type { CardPageView } from './card-view'

export type TestState = FormState<{ id: string }>

type TestSectionProps = { view: CardPageView; route: RouteView; onScreen: OnScreen; state: TestState; action: (form: FormData) => void; isSending: boolean }

/** *Test these settings*: a real message with what is on screen, and the conversation beneath. Another's card is tested as saved, in the console. */
export function TestSection({ view, route, onScreen, state, action, isSending }: TestSectionProps) {
  const t = useTranslations('card.test')
  const { isOwn, card } = view
  return (
    <section className="sheet" aria-labelledby="test-title" id="test">
      <div className="section">
        <h2 id="test-title">{t('title')}</h2>
        <p>{card.email === null ? t('noEmail') : isOwn ? t('lead') : t('leadSaved')}</p>
        {card.email === null ? null : isOwn ? <TestLine view={view} state={state} action={action} isSending={isSending} /> : <ConsoleLink code={card.code} />}
      </div>
      {state.result ? (
        <ConversationBelow
          key={state.result.id}
          initial={{ id: state.result.id, cardCode: card.code, startedAt: state.savedAt ?? '', outcome: null, ended: false, steps: [] }}
          expected={{ isOpen: route.server?.value.tls === 'none', wantsLogin: route.login !== null }}
          platform={view.platform}
          mend={mendOnScreen(view, route)}
          onScreen={onScreen}
        />
      ) : null}
    </section>
  )
}

/** Who may mend is as saved, unless somebody tries settings of their own in place of the base user's; what there is to mend stands on screen. */
function mendOnScreen({ mend, card, microsoft }: CardPageView, { sender, server, login, from, followsBase }: RouteView): MendContext {
  const isRelay = sender.value === 'platform' || sender.value === 'replyTo'
  const shown = isRelay ? null : (server?.value ?? null)
  const username = login?.value.username ?? null
  const isOther = username?.includes('@') && username.toLowerCase() !== from?.value.address.toLowerCase()
  const isOwnInstead = followsBase === null && mend.ownerCode !== card.code
  const owner = isOwnInstead
    ? {
        ownerCode: card.code,
        isOwner: true, // nobody tests what is on another's card
        mayMendOwner: mend.mayMendSending,
        mayTypePassword: mend.mayMendSending,
        connectPath: connectPath(card.code, microsoft.connection?.via ?? 'smtp'),
      }
    : {}
  return {
    ...mend,
    ...owner,
    choice: sender.value,
    host: shown?.host ?? null,
    port: shown?.port ?? null,
    tls: shown?.tls ?? null,
    username,
    mailbox: isOther ? username : null,
    email: card.email,
    isMicrosoft: shown ? isMicrosoftHost(shown.host) : false,
  }
}

function TestLine({ view, state, action, isSending }: Omit<TestSectionProps, 'route' | 'onScreen'>) {
  const t = useTranslations('testSend')
  return (
    <>
      <div className="send-line">
        <Field label={t('to')} error={state.fieldErrors.to}>
          <Input
            name="to"
            inputMode="email"
            defaultValue={state.values.to ?? view.testRecipient}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onKeyDown={event => {
              if (event.key !== 'Enter') return
              event.preventDefault() // else Enter would save the settings
              event.currentTarget.form?.querySelector<HTMLButtonElement>('[data-test-send]')?.click()
            }}
          />
        </Field>
        <Button type="submit" data-test-send formAction={action} aria-disabled={isSending || undefined}>
          {isSending ? t('sending') : t('send')}
        </Button>
      </div>
      {state.status === 'refused' ? (
        <div className="mt-4">
          <FormOutcome state={state} />
        </div>
      ) : null}
    </>
  )
}

function ConsoleLink({ code }: { code: string }) {
  const t = useTranslations('card.test')
  return (
    <p className="actions mt-4">
      <ButtonLink href={`/test-send?as=${encodeURIComponent(code)}`}>{t('toConsole')}</ButtonLink>
    </p>
  )
}
