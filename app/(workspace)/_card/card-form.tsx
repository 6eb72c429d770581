'use client'

import { useTranslations } from 'next-intl'
import { type SyntheticEvent, startTransition, useEffect, useRef, useState } from 'react'
import { WatchUnsaved } from '@/app/_forms/watch-unsaved'
import { Button } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { SectionFoot } from '@/app/_ui/sheet'
import { IdentitySheet } from '../_identity/identity-sheet'
import { isIdentityAction, runIdentityAction, useIdentityActions } from '../_identity/use-identity-actions'
import { LetterPanel } from '../_route/letter-panel'
import { RoutePanel } from '../_route/route-panel'
import type { RouteView } from '../_route/route-view'
import type { CardPageView, SenderFields } from './card-view'
import { ForecastPanel } from './forecast-panel'
import { useOnScreen } from './on-screen'
import { PersonSection } from './person-section'
import { SenderSection } from './sender-section'
import { TestSection } from './test-section'
import { useForecast } from './use-forecast'
import { isMicrosoftAction, useMicrosoftActions } from './use-microsoft-actions'
import { usePreview } from './use-preview'
import { useSaveAndTest } from './use-save-and-test'
import { useSenderFields } from './use-sender-fields'

const neverSaved = ['to'] // whom a test goes to

/** The card: one form for the sender and the person, what follows from it beside, and its test below. */
export function CardForm({ view, preset, startAt }: { view: CardPageView; preset: SenderFields | null; startAt: 'password' | null }) {
  const { card, sender, byAdmin } = view
  const { save, isSaving, saved, test, isTesting, tested, lastTest, undo, undoCount } = useSaveAndTest(view)
  const sent = saved.status === 'refused' ? saved.values : tested.values
  const state = useSenderFields(fieldsTyped(sent) ?? preset ?? fieldsSaved(view))
  const [hasTypedPassword, setTypedPassword] = useState(false)
  const identity = useIdentityActions({ onScreen: true })
  const asSaved = { route: view.route, letters: view.followers?.letters ?? null }
  const { route, letters, isStale } = usePreview(asSaved, { code: card.code, fields: state.fields, savedFields: fieldsSaved(view), hasTypedPassword })
  const microsoft = useMicrosoftActions({ byAdmin })
  const forecast = useForecast(card.code, state.fields)
  const formRef = useRef<HTMLFormElement>(null)
  const onScreen = useOnScreen(formRef, { apply: state.set, onPassword: setTypedPassword })
  useEffect(() => {
    if (startAt === 'password') formRef.current?.querySelector<HTMLElement>('[name=password]')?.focus()
  }, [startAt])
  const showSaved = () => {
    state.reset(fieldsSaved(view))
    setTypedPassword(false)
  }
  useAfterSave(sender.version, showSaved)

  /** The browser's own reset knows nothing of what React has set. */
  function reset(event: SyntheticEvent) {
    event.preventDefault()
    showSaved()
    undo()
  }

  /** With JavaScript the form is not emptied after an action: React does that only for forms it sends itself. */
  function send(event: SyntheticEvent<HTMLFormElement, SubmitEvent>) {
    event.preventDefault()
    const submitter = event.nativeEvent.submitter
    const isTest = submitter?.hasAttribute('data-test-send') ?? false
    const form = new FormData(event.currentTarget)
    form.set('follow', 'here')
    const wish = submitter?.dataset.microsoft
    if (isMicrosoftAction(wish)) return microsoft.isBusy ? undefined : microsoft.run[wish](form)
    const aboutFrom = submitter?.dataset.identity
    if (isIdentityAction(aboutFrom)) return runIdentityAction(identity, aboutFrom, form)
    if (isTest ? isTesting : isSaving) return
    startTransition(() => (isTest ? test(form) : save(form)))
  }

  const refused = [saved, tested].find(({ status }) => status === 'refused')
  const errors = refused?.fieldErrors ?? (identity.tested.status === 'refused' ? identity.tested.fieldErrors : microsoft.errors)
  return (
    <form ref={formRef} className="split" action={save} onSubmit={send} noValidate>
      <input type="hidden" name="code" value={card.code} />
      <input type="hidden" name="version" value={sender.version} />
      <input type="hidden" name="cardVersion" value={card.version} />
      <WatchUnsaved saved={`${sender.version} ${card.version} ${undoCount}`} except={neverSaved} />
      <div className="sheet">
        <SenderSection
          key={`sender ${undoCount}`}
          view={view}
          state={state}
          isPersonalMailbox={route.isPersonalMailbox}
          microsoft={microsoft}
          errors={errors}
          forecast={forecast ?? null}
          onPassword={setTypedPassword}
        />
        <PersonSection key={`person ${undoCount}`} view={view} typed={sent} errors={errors} />
        {saved.status === 'idle' ? null : (
          <div className="px-4 pb-4 min-[841px]:px-6">
            <FormOutcome state={saved} />
          </div>
        )}
        <Foot savedAt={sender.updatedAt} isSaving={isSaving} onReset={reset} />
      </div>
      <Effect view={view} route={route} isStale={isStale} forecast={forecast} />
      <TestSection view={view} route={route} onScreen={onScreen} state={lastTest} action={test} isSending={isTesting} />
      {view.followers && letters && view.isOwn ? (
        <IdentitySheet letters={letters} run={view.followers.run} baseCode={card.code} platform={view.platform} actions={identity} onScreen />
      ) : null}
    </form>
  )
}

function Foot({ savedAt, isSaving, onReset }: { savedAt: Date | null; isSaving: boolean; onReset: (event: SyntheticEvent) => void }) {
  const t = useTranslations('card')
  return (
    <SectionFoot hint={savedAt ? t.rich('savedAt', { when: () => <RelativeTime at={savedAt} /> }) : null}>
      <Button type="submit" look="main" aria-disabled={isSaving || undefined}>
        {isSaving ? t('saving') : t('save')}
      </Button>
      <Button type="reset" look="plain" onClick={onReset}>
        {t('undo')}
      </Button>
    </SectionFoot>
  )
}

type EffectProps = { view: CardPageView; route: RouteView; isStale: boolean; forecast: ReturnType<typeof useForecast> }

/** What follows from what is on screen: what recipients see, whether it arrives, and where each value comes from. */
function Effect({ view, route, isStale, forecast }: EffectProps) {
  const t = useTranslations('card')
  return (
    <aside className="beside stack" aria-label={t('effect')} aria-live="polite">
      <LetterPanel route={route} />
      <ForecastPanel forecast={forecast} platform={view.platform} />
      <RoutePanel route={route} isStale={isStale} ownCode={view.isOwn ? view.card.code : ''} baseCode={view.sender.baseCode} isAdmin={view.isAdmin} />
    </aside>
  )
}

const fieldsSaved = ({ sender }: CardPageView): SenderFields => ({
  choice: sender.choice,
  server: sender.server,
  tls: sender.tls ?? 'starttls',
  username: sender.username,
  authorIsLogin: sender.authorIsLogin,
})

/** What was typed before a refusal, when the page came back without JavaScript. */
function fieldsTyped(sent: Record<string, string>): SenderFields | null {
  if (sent.choice === undefined) return null
  const isMicrosoft = sent.choice === 'microsoft365'
  return {
    choice: sent.choice,
    server: sent.server ?? '',
    tls: sent.tls || 'starttls',
    username: (isMicrosoft ? sent.microsoftUsername : sent.username) ?? '',
    authorIsLogin: (isMicrosoft ? sent.microsoftAuthorIsLogin : sent.authorIsLogin) === 'on',
  }
}

/** Runs when a newer version of the sender has come from the server. */
function useAfterSave(version: number, run: () => void) {
  const [seen, setSeen] = useState(version)
  if (version === seen) return
  setSeen(version)
  run()
}
