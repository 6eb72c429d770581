'use client'

import { useTranslations } from 'next-intl'
import { type SyntheticEvent, startTransition, useState } from 'react'
import { useFormAction } from '@/app/_forms/use-form-action'
import { WatchUnsaved } from '@/app/_forms/watch-unsaved'
import { Button } from '@/app/_ui/button'
import { Checkbox, Field, Input } from '@/app/_ui/field'
import { SectionOutcome } from '@/app/_ui/form-outcome'
import { Section, SectionFoot } from '@/app/_ui/sheet'
import type { Followers } from '@/lib/sender/followers'
import { savePolicy } from './actions'
import { FollowersPanel } from './followers-panel'
import { useFollowers } from './use-followers'

export type PolicyFields = { baseCode: string; usersMaySet: string; authorIsLogin: boolean; version: number }
type PolicyFormProps = { policy: PolicyFields; followers: Followers; cards: { code: string; name: string }[]; platform: string }

const choices = ['everything', 'login', 'nothing'] as const

/** The base user, what users may set themselves, and who follows whom before and after. */
export function PolicyForm({ policy, followers, cards, platform }: PolicyFormProps) {
  const t = useTranslations('company')
  const [state, save, isSaving] = useFormAction(savePolicy)
  const [fields, setFields] = useState<PolicyFields>(state.status === 'refused' ? typed(state.values, policy) : policy)
  if (fields.version !== policy.version) setFields(policy) // saved, here or elsewhere
  const set = (change: Partial<PolicyFields>) => setFields(fields => ({ ...fields, ...change }))
  const after = useFollowers(fields, policy)
  const [isTyping, setTyping] = useState(false)
  const refusal = after?.refusal
  const isSearching = refusal?.isUnknown && isTyping && cards.some(card => mayBecome(fields.baseCode, card))
  const saidBySaving = state.status === 'refused' && state.values.baseCode === fields.baseCode ? state.fieldErrors.baseCode : undefined
  const error = isSearching ? undefined : (refusal?.sentence ?? saidBySaving)

  function send(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    if (!isSaving) startTransition(() => save(form))
  }

  return (
    <div className="split min-[1121px]:gap-y-0">
      <form action={save} onSubmit={send} className="sheet" noValidate>
        <WatchUnsaved saved={policy.version} />
        <input type="hidden" name="version" value={policy.version} />
        <Section title={t('policy.title')} intro={t('policy.lead')}>
          <div className="fields">
            <BaseUserField code={fields.baseCode} error={error} cards={cards} onChange={baseCode => set({ baseCode })} onTyping={setTyping} />
          </div>
          <UsersMaySet chosen={fields.usersMaySet} platform={platform} onChoose={usersMaySet => set({ usersMaySet })} />
          <div className="mt-6">
            <Checkbox
              name="authorIsLogin"
              checked={fields.authorIsLogin}
              onChange={event => set({ authorIsLogin: event.target.checked })}
              hint={t('policy.authorIsLoginHint')}
            >
              {t('policy.authorIsLogin')}
            </Checkbox>
          </div>
          <SectionOutcome state={state} />
        </Section>
        <SectionFoot>
          <Button type="submit" look="main" aria-disabled={isSaving || undefined}>
            {isSaving ? t('saving') : t('policy.save')}
          </Button>
        </SectionFoot>
      </form>
      <aside className="beside stack" aria-label={t('followers.title')} aria-live="polite">
        <FollowersPanel now={followers} after={after} />
      </aside>
    </div>
  )
}

type BaseUserFieldProps = {
  code: string
  error: string | undefined
  cards: PolicyFormProps['cards']
  onChange: (code: string) => void
  onTyping: (isTyping: boolean) => void
}

/** A card's code, proposed from those of the company; empty: everybody sends by their own choice. */
function BaseUserField({ code, error, cards, onChange, onTyping }: BaseUserFieldProps) {
  const t = useTranslations('company.policy')
  return (
    <Field label={t('base')} error={error} hint={t('baseHint')}>
      <Input
        name="baseCode"
        list="cards"
        value={code}
        onChange={event => onChange(event.target.value)}
        onFocus={() => onTyping(true)}
        onBlur={() => onTyping(false)}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
      />
      <datalist id="cards">
        {cards.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </datalist>
    </Field>
  )
}

function UsersMaySet({ chosen, platform, onChoose }: { chosen: string; platform: string; onChoose: (choice: string) => void }) {
  const t = useTranslations('company.policy')
  return (
    <fieldset className="mt-6">
      <legend className="mb-2 font-medium">{t('usersMaySet')}</legend>
      {choices.map(choice => (
        <div key={choice} className="choice">
          <label>
            <input className="dot" type="radio" name="usersMaySet" value={choice} checked={chosen === choice} onChange={() => onChoose(choice)} />
            <b>{t(choice)}</b>
            <span className="choice-text">{t(`${choice}Text`, { platform })}</span>
          </label>
        </div>
      ))}
    </fieldset>
  )
}

const typed = (values: Record<string, string>, policy: PolicyFields): PolicyFields => ({
  baseCode: values.baseCode ?? policy.baseCode,
  usersMaySet: values.usersMaySet ?? policy.usersMaySet,
  authorIsLogin: values.authorIsLogin === 'on',
  version: policy.version,
})

/** Whether what is typed may yet become this card: the browser offers those whose code or name contains it. */
const mayBecome = (text: string, { code, name }: { code: string; name: string }) =>
  [code, name].some(words => words.toLowerCase().includes(text.trim().toLowerCase()))
