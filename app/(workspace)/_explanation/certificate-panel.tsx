'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { type ComponentProps, startTransition, useState } from 'react'
import { useFormAction } from '@/app/_forms/use-form-action'
import { Button } from '@/app/_ui/button'
import { Field, Select } from '@/app/_ui/field'
import { FormOutcome } from '@/app/_ui/form-outcome'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import { probe, trust } from './actions'
import type { OnScreen } from './on-screen'
import type { Probed } from './probe-panel'

const trustDays = [30, 90, 365]

type PanelProps = { server: string; context: MendContext; onScreen: OnScreen | undefined; look: Pick<ComponentProps<typeof Button>, 'look'> }

/** Shows the certificate that was refused; an admin who has compared it may trust exactly this one, until a day. */
export function CertificatePanel({ server, context, onScreen, look }: PanelProps) {
  const t = useTranslations('mend')
  const [state, act, isLooking] = useFormAction<Probed>(probe)
  const press = () => {
    if (isLooking) return
    const form = new FormData()
    form.set('server', server)
    form.set('only', 'thisPort')
    startTransition(() => act(form))
  }
  return (
    <>
      <Button {...look} aria-disabled={isLooking || undefined} onClick={press}>
        {isLooking ? t('showing') : t('showCertificate')}
      </Button>
      {state.status === 'refused' ? <FormOutcome state={state} /> : null}
      {state.result ? <Shown probed={state.result} context={context} onScreen={onScreen} /> : null}
    </>
  )
}

function Shown({ probed: { host, found }, context, onScreen }: { probed: Probed } & Pick<PanelProps, 'context' | 'onScreen'>) {
  const t = useTranslations('mend')
  const format = useFormatter()
  const [port] = found
  const certificate = port?.certificate
  if (!certificate) return <p role="status">{t('certificate.none')}</p>
  const problem = (['certificateName', 'certificateExpired', 'certificateUntrusted'] as const).find(known => known === port.certificateProblem)
  return (
    <div className="w-full" role="status">
      <h4>{t('certificate.title', { host })}</h4>
      <dl className="pairs mt-2">
        <dt>{t('certificate.subject')}</dt>
        <dd>{certificate.subject}</dd>
        <dt>{t('certificate.issuer')}</dt>
        <dd>{certificate.issuer}</dd>
        <dt>{t('certificate.validTo')}</dt>
        <dd>{format.dateTime(new Date(certificate.validTo), 'moment')}</dd>
        <dt>{t('certificate.fingerprint')}</dt>
        <dd className="mono [overflow-wrap:anywhere]">{certificate.fingerprint256}</dd>
        {problem ? (
          <>
            <dt>{t('certificate.problem')}</dt>
            <dd>{t(`probed.problem.${problem}`, { name: certificate.subject })}</dd>
          </>
        ) : null}
      </dl>
      {port.certificateProblem === null ? <p className="mt-3">{t('certificate.verified')}</p> : <p className="mt-3">{t('certificate.compare')}</p>}
      {port.certificateProblem !== null && context.isAdmin ? <Trust certificate={certificate} context={context} onScreen={onScreen} /> : null}
      {port.certificateProblem !== null && !context.isAdmin ? <p className="hint mt-3">{t('certificate.adminOnly')}</p> : null}
    </div>
  )
}

type TrustProps = Pick<PanelProps, 'context' | 'onScreen'> & { certificate: { fingerprint256: string; subject: string; issuer: string } }

function Trust({ certificate: { fingerprint256, subject, issuer }, context, onScreen }: TrustProps) {
  const t = useTranslations('mend.certificate')
  const [forDays, setForDays] = useState(90)
  const [outcome, act, isActing] = useFormAction(trust)
  const press = () => {
    if (isActing) return
    const form = onScreen?.form() ?? new FormData()
    if (onScreen) form.set('onScreen', 'on')
    for (const [name, value] of Object.entries({ code: context.code, fingerprint256, subject, issuer, forDays: String(forDays) })) form.set(name, value)
    startTransition(() => act(form))
  }
  return (
    <>
      <div className="send-line mt-3">
        <Field label={t('until')}>
          <Select value={forDays} onChange={event => setForDays(Number(event.target.value))}>
            {trustDays.map(days => (
              <option key={days} value={days}>
                {t('days', { days })}
              </option>
            ))}
          </Select>
        </Field>
        <Button look="danger" aria-disabled={isActing || undefined} onClick={press}>
          {t('trust')}
        </Button>
      </div>
      <FormOutcome state={outcome} />
    </>
  )
}
