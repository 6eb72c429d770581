'use client'

import { useTranslations } from 'next-intl'
import { type ComponentProps, startTransition, useState } from 'react'
import { useFormAction } from '@/app/_forms/use-form-action'
import { Button, ButtonLink } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { Notice } from '@/app/_ui/state'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import { formatServer } from '@/lib/sender/server-field'
import type { ProbedPort } from '@/lib/transport/probe-server'
import { probe } from './actions'
import type { OnScreen } from './on-screen'

export type Probed = { host: string; found: ProbedPort[] }
type PanelProps = {
  server: string
  host: string
  context: MendContext
  cardHref: string
  onScreen: OnScreen | undefined
  look: Pick<ComponentProps<typeof Button>, 'look'>
}

const failures = ['connectionRefused', 'timeout', 'portNotAdmitted', 'notAdmitted', 'hostNotFound'] as const

/** Tries the ports of the server and offers those that work. A new port wants the password again, so it only fills the card in. */
export function ProbePanel({ server, host, context, cardHref, onScreen, look }: PanelProps) {
  const t = useTranslations('mend')
  const [state, act, isProbing] = useFormAction<Probed>(probe)
  const press = () => {
    if (isProbing) return
    const form = new FormData()
    form.set('server', server)
    startTransition(() => act(form))
  }
  return (
    <>
      <Button {...look} aria-disabled={isProbing || undefined} onClick={press}>
        {isProbing ? t('probing') : t('probe', { host })}
      </Button>
      {state.status === 'refused' ? <FormOutcome state={state} /> : null}
      {state.result ? <ProbeTable probed={state.result} context={context} cardHref={cardHref} onScreen={onScreen} /> : null}
    </>
  )
}

function ProbeTable({ probed: { host, found }, context, cardHref, onScreen }: { probed: Probed } & Pick<PanelProps, 'context' | 'cardHref' | 'onScreen'>) {
  const t = useTranslations('mend')
  const [isSet, setSet] = useState(false)
  const works = found.filter(({ tls }) => tls !== null)
  return (
    <div className="w-full" role="status">
      <h4>{t('probed.title', { host })}</h4>
      {works.length === 0 ? <p>{t('probed.none')}</p> : null}
      <ul className="probed">
        {found.map(port => (
          <li key={port.port}>
            <span className="mono">{port.port}</span>
            <span>
              <PortWords port={port} />
            </span>
            <UsePort
              port={port}
              host={host}
              context={context}
              cardHref={cardHref}
              onScreen={onScreen}
              onSet={() => {
                setSet(true)
              }}
            />
          </li>
        ))}
      </ul>
      {isSet ? (
        <Notice tone="works" live>
          <p>{t('onScreen.server')}</p>
        </Notice>
      ) : null}
    </div>
  )
}

function PortWords({ port: { tls, errorCode, certificateProblem, certificate, offersLogin } }: { port: ProbedPort }) {
  const t = useTranslations('mend.probed')
  if (tls === null) return <span className="soft">{t(`fails.${failures.find(known => known === errorCode) ?? 'other'}`)}</span>
  const problem = (['certificateName', 'certificateExpired', 'certificateUntrusted'] as const).find(known => known === certificateProblem)
  const said = [
    t(`works.${tls}`),
    tls === 'none' ? null : `${t('cert').toLowerCase()}: ${problem ? t(`problem.${problem}`, { name: certificate?.subject ?? '' }) : t('verified')}`,
    offersLogin ? null : t('noLogin'),
  ]
  return said.filter(Boolean).join(', ')
}

type UseProps = Pick<PanelProps, 'host' | 'context' | 'cardHref' | 'onScreen'> & { port: ProbedPort; onSet: () => void }

function UsePort({ port: { port, tls }, host, context, cardHref, onScreen, onSet }: UseProps) {
  const t = useTranslations('mend.probed')
  if (tls === null) return null
  if (port === context.port && tls === context.tls) return <span className="hint">{t('current')}</span>
  const server = formatServer({ host, port })
  if (!onScreen)
    return (
      <ButtonLink small href={`${cardHref}?preset=server&server=${encodeURIComponent(server)}&tls=${tls}`}>
        {t('use')}
      </ButtonLink>
    )
  const press = () => {
    onScreen.apply({ server, tls })
    onScreen.focusPassword()
    onSet()
  }
  return (
    <Button small onClick={press}>
      {t('use')}
    </Button>
  )
}
