'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '@/app/_ui/button'
import { Field, Input } from '@/app/_ui/field'
import { Icon, type IconName } from '@/app/_ui/icon'
import { type Discovery, type SourceState, sources } from '@/lib/discovery/discovery'
import { formatServer } from '@/lib/sender/server-field'
import { type CardPageView, whoseIs } from './card-view'
import { PersonalMailbox } from './choice-notices'
import { DiscoveryResult } from './discovery-result'
import { type DiscoveryProgress, useDiscovery } from './use-discovery'
import type { SenderFieldsState } from './use-sender-fields'

/** *Type your address*: who knows nothing but that gets the server, the port, SSL/TLS and the user name filled in. */
export function DiscoverySection({ view, state }: { view: CardPageView; state: SenderFieldsState }) {
  const t = useTranslations('discovery')
  const [address, setAddress] = useState(view.card.email ?? '')
  const [isUsed, setUsed] = useState(false)
  const { progress, start, stop } = useDiscovery()

  async function search() {
    setUsed(false)
    const found = await start(address)
    if (found?.server && (found.leadsTo === 'smtp' || found.leadsTo === 'gmail') && !found.mustConfirm) use(found)
  }

  function use({ server, leadsTo, address }: Discovery) {
    if (!server) return
    if (leadsTo === 'microsoft365') return state.set({ choice: 'microsoft365', username: address })
    state.choose(formatServer(server), server.tls)
    state.set({ username: server.username })
    setUsed(true)
  }

  return (
    <section className="discovery" aria-labelledby="discovery-title">
      <h3 className="sr-only" id="discovery-title">
        {t('title')}
      </h3>
      <div className="send-line">
        <Field label={t('label', { whose: whoseIs(view) })} hint={t('hint')} error={progress.refusal ?? undefined}>
          <Input
            type="text"
            inputMode="email"
            value={address}
            onChange={event => setAddress(event.target.value)}
            autoComplete="email"
            autoCapitalize="none"
            spellCheck={false}
            onKeyDown={event => {
              if (event.key !== 'Enter') return
              event.preventDefault() // else Enter would save the settings
              void search()
            }}
          />
        </Field>
        {progress.isRunning ? <Button onClick={stop}>{t('stop')}</Button> : <Button onClick={() => void search()}>{t('find')}</Button>}
      </div>
      <div aria-live="polite">
        {progress.isRunning ? <Progress states={progress.states} /> : null}
        {progress.isBroken ? <p className="error">{t('broken')}</p> : null}
        {progress.found?.leadsTo === 'personalMailbox' ? (
          <PersonalMailbox platform={view.platform} onReplyTo={() => state.set({ choice: 'replyTo' })} />
        ) : progress.found ? (
          <DiscoveryResult found={progress.found} isUsed={isUsed} onUse={use} onReject={stop} />
        ) : null}
      </div>
    </section>
  )
}

const icons: Record<SourceState, IconName> = { asking: 'running', found: 'works', nothing: 'cancelled', failed: 'attention', skipped: 'idle' }

function Progress({ states }: { states: DiscoveryProgress['states'] }) {
  const t = useTranslations('discovery')
  return (
    <ul className="places">
      {sources.map(source => {
        const state = states[source] ?? 'skipped'
        return (
          <li key={source} className={`is-${state}`}>
            <Icon name={icons[state]} /> {t(`source.${source}`)} <span className="hint">{state === 'skipped' ? '' : t(`state.${state}`)}</span>
          </li>
        )
      })}
    </ul>
  )
}
