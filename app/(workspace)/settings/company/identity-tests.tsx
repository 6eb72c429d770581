'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useActionState, useEffect } from 'react'
import { idleForm } from '@/app/_forms/form-state'
import { SubmitButton } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { Section, Sheet } from '@/app/_ui/sheet'
import { Status, type Tone } from '@/app/_ui/state'
import { HeadCell, Table } from '@/app/_ui/table'
import type { IdentityRun, IdentityTest } from '@/lib/test-send/identity-run'
import { WhyAndWhat } from '../../_explanation/why-and-what'
import { sendAllAsLogin, testIdentities } from './actions'

const lookAgainMs = 2000
const tones: Record<NonNullable<IdentityTest['outcome']> | 'running', Tone> = {
  running: 'waiting',
  accepted: 'works',
  waiting: 'attention',
  refused: 'failed',
  unknown: 'attention',
}

/** What the server of the base user says to every From that leaves through it: it refuses a foreign one only after the whole message. */
export function IdentityTests({ run, baseCode }: { run: IdentityRun | null; baseCode: string }) {
  const t = useTranslations('identity')
  const [outcome, start] = useActionState(testIdentities, idleForm)
  const [changed, change] = useActionState(sendAllAsLogin, idleForm)
  useRefresh(run !== null && !run.ended)
  const done = run?.tests.filter(test => test.outcome !== null).length ?? 0
  const refused = run?.tests.filter(test => test.outcome === 'refused') ?? []
  return (
    <Sheet>
      <Section title={t('title')}>
        <p className="soft max-w-[68ch]">{t('lead', { code: baseCode })}</p>
        <form action={start} className="actions mt-4">
          <SubmitButton>{t('start')}</SubmitButton>
        </form>
        <FormOutcome state={outcome.status === 'refused' ? outcome : idleForm} />
        {run ? (
          <p className="hint mt-3" role="status">
            {run.ended
              ? t.rich('ended', { count: run.tests.length, refused: refused.length, when: () => <RelativeTime at={run.startedAt} /> })
              : t('progress', { done, count: run.tests.length })}
          </p>
        ) : null}
      </Section>
      {run ? (
        <Table
          caption={t('title')}
          head={
            <tr>
              <HeadCell className="subject pl-4">{t('column.card')}</HeadCell>
              <HeadCell>{t('column.outcome')}</HeadCell>
            </tr>
          }
        >
          {run.tests.map(test => (
            <IdentityRow key={test.code} test={test} />
          ))}
        </Table>
      ) : null}
      {refused.length > 0 ? (
        <form action={change} className="section-foot">
          <SubmitButton>{t('asLogin')}</SubmitButton>
          <span className="hint">{t('asLoginHint')}</span>
        </form>
      ) : null}
      {changed.status === 'idle' ? null : (
        <div className="px-6 pb-4">
          <FormOutcome state={changed} />
        </div>
      )}
    </Sheet>
  )
}

function IdentityRow({ test: { code, name, from, replyTo, host, outcome, said, explained } }: { test: IdentityTest }) {
  const t = useTranslations('identity')
  return (
    <tr className="max-[600px]:grid-cols-[0_minmax(0,1fr)]">
      <td className="subject min-[601px]:pl-4">
        {code} <span className="then">{name}</span>
        <span className="under mono">
          {from}
          {replyTo ? `, ${t('answersTo', { address: replyTo })}` : ''}
        </span>
      </td>
      <td>
        <Status tone={tones[outcome ?? 'running']}>{t(`outcome.${outcome ?? 'running'}`)}</Status>
        {said && outcome !== 'accepted' && outcome !== null ? <p className="mono [overflow-wrap:anywhere]">{said}</p> : null}
        {explained ? <WhyAndWhat explained={explained} said={said} host={host} username="" mend={null} /> : null}
      </td>
    </tr>
  )
}

/** Looks again while something runs. */
function useRefresh(isRunning: boolean) {
  const router = useRouter()
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => router.refresh(), lookAgainMs)
    return () => clearInterval(timer)
  }, [isRunning, router])
}
