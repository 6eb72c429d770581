'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect } from 'react'
import { idleForm } from '@/app/_forms/form-state'
import { Button } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { Section, SectionFoot, Sheet } from '@/app/_ui/sheet'
import { Status, type Tone } from '@/app/_ui/state'
import { HeadCell, Table } from '@/app/_ui/table'
import type { Letter } from '@/lib/sender/letters'
import type { IdentityRun, IdentityTest } from '@/lib/test-send/identity-run'
import { WhyAndWhat } from '../_explanation/why-and-what'
import type { IdentityActions } from './use-identity-actions'

const lookAgainMs = 2000
const mostRows = 50
const tones: Record<NonNullable<IdentityTest['outcome']> | 'running' | 'notTried', Tone> = {
  running: 'waiting',
  notTried: 'quiet',
  accepted: 'works',
  waiting: 'attention',
  refused: 'failed',
  unknown: 'attention',
}

type IdentitySheetProps = { letters: Letter[]; run: IdentityRun | null; baseCode: string; platform: string; actions: IdentityActions; onScreen?: boolean }

/**
 * What the recipients see of everybody who sends through the base user, and what its server says to it: it refuses a foreign From only
 * after the whole message. Stands in a form; `onScreen`: in that of the base user's own card, whose values are tried before they are saved.
 */
export function IdentitySheet({ letters, run, baseCode, platform, actions, onScreen = false }: IdentitySheetProps) {
  const t = useTranslations('identity')
  useRefresh(run !== null && !run.ended)
  const rows = letters.slice(0, mostRows).map(letter => ({ letter, test: testOf(run, letter) }))
  const isRefused = rows.some(({ letter, test }) => test?.outcome === 'refused' && letter.replyTo === null)
  return (
    <Sheet aria-labelledby="identity-title">
      <Section title={t('title')} titleId="identity-title">
        <p className="soft max-w-[68ch]">{t('lead', { code: baseCode })}</p>
        <p className="actions mt-4">
          <Button type="submit" data-identity="test" formAction={actions.run.test} aria-disabled={actions.isBusy || undefined}>
            {t('start')}
          </Button>
          {onScreen ? <span className="hint">{t('onScreen')}</span> : null}
        </p>
        <FormOutcome state={actions.tested.status === 'refused' ? actions.tested : idleForm} />
        {run ? (
          <p className="hint mt-3" role="status">
            <RunWords run={run} />
          </p>
        ) : null}
      </Section>
      <Table
        caption={t('title')}
        head={
          <tr>
            <HeadCell className="subject pl-4">{t('column.card')}</HeadCell>
            <HeadCell>{t('column.outcome')}</HeadCell>
          </tr>
        }
      >
        {rows.map(({ letter, test }) => (
          <IdentityRow key={letter.code} letter={letter} test={test} platform={platform} />
        ))}
      </Table>
      {letters.length > mostRows ? <p className="hint px-4 py-3 min-[841px]:px-6">{t('more', { count: letters.length - mostRows })}</p> : null}
      {isRefused ? (
        <SectionFoot hint={t('asLoginHint')}>
          <Button type="submit" data-identity="asLogin" formAction={actions.run.asLogin} aria-disabled={actions.isBusy || undefined}>
            {t('asLogin')}
          </Button>
        </SectionFoot>
      ) : null}
      {actions.changed.status === 'idle' ? null : (
        <div className="px-4 pb-4 min-[841px]:px-6">
          <FormOutcome state={actions.changed} />
        </div>
      )}
    </Sheet>
  )
}

/** The test of just this From at just this server; one of other settings says nothing any more. */
const testOf = (run: IdentityRun | null, { code, from, host }: Letter) =>
  run?.tests.find(test => test.code === code && test.from === from && test.host === host) ?? null

function RunWords({ run: { ended, startedAt, tests } }: { run: IdentityRun }) {
  const t = useTranslations('identity')
  const count = tests.length
  if (!ended) return t('progress', { done: tests.filter(({ outcome }) => outcome !== null).length, count })
  return t.rich('ended', { count, refused: tests.filter(({ outcome }) => outcome === 'refused').length, when: () => <RelativeTime at={startedAt} /> })
}

type IdentityRowProps = { letter: Letter; test: IdentityTest | null; platform: string }

function IdentityRow({ letter: { code, name, host, from, replyTo, envelopeSender }, test, platform }: IdentityRowProps) {
  const t = useTranslations('identity')
  const outcome = test ? (test.outcome ?? 'running') : 'notTried'
  const { said = null, explained = null } = test ?? {}
  return (
    <tr className="max-[600px]:grid-cols-[0_minmax(0,1fr)]">
      <td className="subject [overflow-wrap:anywhere] min-[601px]:pl-4">
        {code} <span className="then">{name}</span>
        <span className="under mono">{from ?? t('noFrom')}</span>
        {replyTo ? <span className="under hint">{t.rich('answersTo', { address: replyTo, mono })}</span> : null}
        {envelopeSender && envelopeSender !== from ? <span className="under hint">{t.rich('returnsTo', { address: envelopeSender, mono })}</span> : null}
      </td>
      <td className="what">
        {from ? <Status tone={tones[outcome]}>{t(`outcome.${outcome}`)}</Status> : null}
        {said && outcome !== 'accepted' && outcome !== 'running' ? <p className="mono [overflow-wrap:anywhere]">{said}</p> : null}
        {explained ? <WhyAndWhat explained={explained} said={said} host={host} username="" platform={platform} mend={null} /> : null}
      </td>
    </tr>
  )
}

const mono = (chunks: ReactNode) => <span className="mono">{chunks}</span>

/** Looks again while something runs. */
function useRefresh(isRunning: boolean) {
  const router = useRouter()
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => router.refresh(), lookAgainMs)
    return () => clearInterval(timer)
  }, [isRunning, router])
}
