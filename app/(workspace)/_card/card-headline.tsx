import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { RelativeTime } from '@/app/_ui/relative-time'
import { StateHeadline } from '@/app/_ui/state'
import type { AccountHealth } from '@/lib/account/account-health'
import { explainPause, isSaidByServer } from '@/lib/diagnosis/explain-failure'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import { Explanation } from '../_explanation/explanation'
import type { RouteView } from '../_route/route-view'
import { hasUsage, UsageLine } from '../_usage/usage-line'

const pauseReasons = ['loginRefused', 'passwordNeeded', 'tlsFailed', 'consentNeeded', 'emailNotConfirmed', 'incomplete'] as const

type CardHeadlineProps = {
  health: AccountHealth
  problem: RouteView['problem']
  cause: string | null // what Microsoft said when it ended this card's consent
  code: string
  mend: MendContext
  platform: string
}

/** Will my mail go out, and if not why: the first thing of the card. */
export async function CardHeadline({ health, problem, cause, code, mend, platform }: CardHeadlineProps) {
  const t = await getTranslations('card.health')
  const tProblem = await getTranslations('route.problem')
  const outbox = <Link href={`/outbox?code=${encodeURIComponent(code)}`}>{t('seeOutbox')}</Link>
  const { state, lastAcceptedAt, host, waiting, text, problemCode } = health
  const reason = pauseReasons.find(known => known === health.reason) ?? 'incomplete'
  const rich = {
    then: (chunks: ReactNode) => <span className="then">{chunks}</span>,
    when: () => (lastAcceptedAt ? <RelativeTime at={lastAcceptedAt} /> : null),
  }
  if (state === 'paused') {
    return (
      <>
        <StateHeadline tone={reason === 'loginRefused' || reason === 'tlsFailed' ? 'failed' : 'attention'} title={t(`paused.${reason}`)}>
          <p>
            {problemCode && problemCode !== code ? t('ofBase', { code: problemCode }) : null} {t('kept', { waiting })}
          </p>
          <ServerSaid text={text} isServers={text !== null && isSaidByServer(text, reason)} />
        </StateHeadline>
        <section className="sheet" aria-label={t(`paused.${reason}`)}>
          <Explanation
            explained={explainPause({ reason, text, host })}
            said={text}
            host={host}
            username={mend.username ?? ''}
            platform={platform}
            mend={mend}
          />
        </section>
      </>
    )
  }
  if (problem) {
    const title = tProblem(problem.reason, { code: problem.code, name: platform })
    const isConsentLost = problem.reason === 'reconnectNeeded'
    return (
      <>
        <StateHeadline tone="attention" title={title}>
          {waiting > 0 ? <p>{t('kept', { waiting })}</p> : null}
          <ServerSaid text={isConsentLost ? cause : null} isServers />
        </StateHeadline>
        {isConsentLost ? (
          <section className="sheet" aria-label={title}>
            <Explanation
              explained={explainPause({ reason: 'consentNeeded', text: cause, host })}
              said={cause}
              host={host}
              username={mend.username ?? ''}
              platform={platform}
              mend={mend}
            />
          </section>
        ) : null}
      </>
    )
  }
  const used =
    health.usage && hasUsage(health.usage) ? (
      <p className="hint">
        <UsageLine usage={health.usage} />
      </p>
    ) : null
  if (state === 'waiting')
    return (
      <StateHeadline tone="waiting" title={t.rich('waiting', { ...rich, waiting })} aside={outbox}>
        {used}
      </StateHeadline>
    )
  if (state === 'works')
    return (
      <StateHeadline tone="works" title={host ? t.rich('works', { ...rich, host }) : t.rich('worksPlain', rich)} aside={outbox}>
        <SinceWhen health={health} />
        {used}
      </StateHeadline>
    )
  const { failedTestAt } = health
  if (failedTestAt) return <StateHeadline tone="attention" title={t.rich('testFailed', { ...rich, when: () => <RelativeTime at={failedTestAt} /> })} />
  return <StateHeadline tone="quiet" title={t.rich('neverUsed', rich)} />
}

/** Since when it has worked, and when that was last looked at; or that the daily check gets no answer. */
async function SinceWhen({ health: { worksSince, checkedAt, failingSince } }: { health: AccountHealth }) {
  const t = await getTranslations('card.health')
  const at = (instant: Date) => () => <RelativeTime at={instant} />
  if (failingSince) return <p>{t.rich('failing', { since: at(failingSince) })}</p>
  if (!worksSince) return null
  return (
    <p className="hint">
      {t.rich('since', { since: at(worksSince) })} {checkedAt ? t.rich('checked', { when: at(checkedAt) }) : null}
    </p>
  )
}

/** The server's own words, or what happened without any; folded, untranslated. */
async function ServerSaid({ text, isServers }: { text: string | null; isServers: boolean }) {
  const t = await getTranslations('card.health')
  if (!text) return null
  return (
    <details className="mt-2">
      <summary className="hint cursor-pointer">{t(isServers ? 'serverSaid' : 'happened')}</summary>
      <p className="mono mt-1 whitespace-pre-wrap">{text}</p>
    </details>
  )
}
