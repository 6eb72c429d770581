'use client'

import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { CopyBlock } from '@/app/_ui/copy-block'
import { Panel } from '@/app/_ui/sheet'
import { Status, type Tone } from '@/app/_ui/state'
import type { Forecast, Outlook, Way } from '@/lib/deliverability/forecast'
import { useSenderName } from '../_route/use-sender-name'

const toneOf: Record<Outlook, Tone> = { good: 'works', loose: 'waiting', junk: 'attention', refused: 'failed', depends: 'waiting', unknown: 'quiet' }
const ways: Way[] = ['platform', 'replyTo', 'own']

/** *Will it arrive?*: a verdict for what is chosen, one for each other way, and what DNS says, to be unfolded. */
export function ForecastPanel({ forecast, platform }: { forecast: Forecast | null | undefined; platform: string }) {
  const t = useTranslations('forecast')
  const name = useWayName(platform)
  if (forecast === null) return null
  if (forecast === undefined) {
    return (
      <Panel title={t('title')}>
        <p className="p-4 soft">{t('asking')}</p>
      </Panel>
    )
  }
  const { chosen, outlooks, recommended, report, domain } = forecast
  const words = { domain, platform, keys: report.dkim?.join(', ') || t('noKeys') }
  return (
    <Panel title={t('title')} foot={report.failure === 'notPublic' ? undefined : <Details forecast={forecast} platform={platform} />}>
      <div className="forecast">
        <Status tone={toneOf[outlooks[chosen]]} why={sentence(t, chosen, outlooks[chosen], report, words)}>
          <b>{t(`outlook.${outlooks[chosen]}`)}</b>
        </Status>
        {report.failure ? null : (
          <>
            <ul>
              {ways
                .filter(way => way !== chosen)
                .map(way => (
                  <li key={way}>
                    {name(way)}: <span className="soft">{t(`outlook.${outlooks[way]}`)}</span>
                  </li>
                ))}
            </ul>
            {recommended && outlooks[chosen] !== 'good' ? <p>{t.rich('recommended', { mode: name(recommended), b: chunks => <b>{chunks}</b> })}</p> : null}
          </>
        )}
      </div>
    </Panel>
  )
}

type Translate = ReturnType<typeof useTranslations<'forecast'>>

/** One sentence a way of sending and an outlook; where DNS did not answer, that. */
function sentence(
  t: Translate,
  way: Way,
  outlook: Outlook,
  { failure }: Forecast['report'],
  words: { domain: string; platform: string; keys: string },
): string {
  if (outlook === 'unknown') return t(failure === 'notPublic' ? 'why.notPublic' : 'why.unknown', words)
  if (way === 'platform') return t(`why.platform.${outlook === 'depends' ? 'loose' : outlook}`, words)
  return way === 'replyTo'
    ? t(outlook === 'good' ? 'why.replyTo.good' : 'why.replyTo.junk', words)
    : t(outlook === 'good' ? 'why.own.good' : 'why.own.depends', words)
}

/** What DNS says, line by line, and the record that would mend it. */
function Details({ forecast, platform }: { forecast: Forecast; platform: string }) {
  const { report } = forecast
  const t = useTranslations('forecast')
  const { spf, dkim, dmarc, exchangers } = report
  return (
    <details className="dns">
      <summary>{t('details', { domain: report.domain })}</summary>
      <dl>
        <Row label="SPF">
          {spf.records === null
            ? t('noAnswer')
            : spf.records.length === 0
              ? t('spf.none')
              : spf.records.map(record => (
                  <code key={record} className="mono">
                    {record}
                  </code>
                ))}
          {spf.records && spf.records.length > 1 ? <p>{t('spf.several')}</p> : null}
          {spf.relay.result === 'temperror' ? null : <p>{t('spf.result', { result: spf.relay.result, address: spf.relay.ip, platform })}</p>}
          {spf.cost ? <p>{t('spf.cost', { count: spf.cost.total })}</p> : null}
          {spf.hasTooManyLookUps ? <p className="error">{t('spf.tooMany')}</p> : null}
          {spf.cost && spf.cost.terms.length > 0 ? (
            <ul className="mono">
              {spf.cost.terms.map(({ term, lookUps }) => (
                <li key={term}>
                  {term}: {lookUps}
                </li>
              ))}
            </ul>
          ) : null}
        </Row>
        <Row label="DKIM">{dkim === null ? t('noAnswer') : dkim.length === 0 ? t('dkim.none') : t('dkim.found', { selectors: dkim.join(', ') })}</Row>
        <Row label="DMARC">
          {dmarc.failure ? t('noAnswer') : dmarc.policy === null ? t('dmarc.none') : t(`dmarc.${dmarc.policy}`)}
          {dmarc.record ? <code className="mono">{dmarc.record}</code> : null}
          {dmarc.isSpfStrict ? <p>{t('dmarc.strict')}</p> : null}
        </Row>
        <Row label="MX">
          {exchangers === null ? t('noAnswer') : exchangers.length === 0 ? t('mx.none') : <code className="mono">{exchangers.join(', ')}</code>}
        </Row>
      </dl>
      {spf.proposed && !isRefusedAhead(forecast) ? <ProposedRecord report={report} platform={platform} /> : null}
    </details>
  )
}

/** The relay is chosen and the domain has its mail refused: then the choice itself says so, with the record. */
export const isRefusedAhead = ({ chosen, outlooks }: Forecast) => chosen === 'platform' && (outlooks.platform === 'refused' || outlooks.platform === 'junk')

/** The exact record: the domain's own with the platform put in, never a second one. */
export function ProposedRecord({ report: { domain, spf }, platform }: { report: Forecast['report']; platform: string }) {
  const t = useTranslations('forecast')
  if (!spf.proposed) return null
  const how = spf.records?.length === 0 ? 'add' : spf.records?.length === 1 ? 'replace' : 'replaceAll'
  return (
    <div className="mt-2">
      <p>{t(`record.${how}`, { domain, platform })}</p>
      <CopyBlock label={`TXT ${domain}`} text={spf.proposed} wrapped />
    </div>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function useWayName(platform: string) {
  const t = useTranslations('forecast')
  const senderName = useSenderName(platform)
  return (way: Way) => (way === 'own' ? t('own') : senderName(way))
}
