'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Button } from '@/app/_ui/button'
import { Notice } from '@/app/_ui/state'
import { type Discovery, sources } from '@/lib/discovery/discovery'
import { formatServer } from '@/lib/sender/server-field'
import { useSenderName } from '../_route/use-sender-name'

type DiscoveryResultProps = { found: Discovery; isUsed: boolean; onUse: (found: Discovery) => void; onReject: () => void }

/** What was found, where, and how sure that is; what only plain DNS or a try says is confirmed first. */
export function DiscoveryResult({ found, isUsed, onUse, onReject }: DiscoveryResultProps) {
  const t = useTranslations('discovery')
  const senderName = useSenderName('')
  const { server, leadsTo, mustConfirm } = found
  if (!server) return <Ask found={found} />
  if (leadsTo === 'microsoft365') {
    return (
      <Notice tone="works">
        <p>{t.rich('microsoft', { ...bold, domain: found.domain })}</p>
        <Origin found={found} />
        <p className="actions mt-2">
          <Button small onClick={() => onUse(found)}>
            {t('choose', { sender: senderName('microsoft365') })}
          </Button>
        </p>
      </Notice>
    )
  }
  return (
    <Notice tone={mustConfirm && !isUsed ? 'attention' : 'works'}>
      <p>
        <b className="mono">{formatServer(server)}</b>, <Tls tls={server.tls} />
        {found.providerName ? `, ${found.providerName}` : null}
      </p>
      <Origin found={found} />
      {isUsed ? <p>{t(server.username === '' ? 'usedNoLogin' : 'used')}</p> : null}
      {leadsTo === 'gmail' ? <p>{t.rich('gmail', { link: chunks => <Link href="/help/gmail">{chunks}</Link> })}</p> : null}
      {mustConfirm && !isUsed ? (
        <>
          <p>{t('confirm')}</p>
          <p className="actions mt-2">
            <Button small onClick={() => onUse(found)}>
              {t('yes', { server: formatServer(server) })}
            </Button>
            <Button small look="plain" onClick={onReject}>
              {t('no')}
            </Button>
          </p>
        </>
      ) : null}
    </Notice>
  )
}

/** Nobody knows, or it differs from customer to customer: the person is asked, and nothing is invented. */
function Ask({ found }: { found: Discovery }) {
  const t = useTranslations('discovery')
  const { question, providerName, sample, domain } = found
  return (
    <Notice tone="attention">
      <p>
        {question === 'hostDiffers'
          ? t.rich('ask.hostDiffers', {
              ...bold,
              provider: providerName ?? domain,
              sample: sample ?? '',
              mono: chunks => <span className="mono">{chunks}</span>,
            })
          : t.rich(`ask.${question === 'notLookedUp' ? 'notLookedUp' : 'unknown'}`, { ...bold, domain })}
      </p>
      <NotLookedUp found={found} />
    </Notice>
  )
}

function Origin({ found }: { found: Discovery }) {
  const t = useTranslations('discovery')
  const { source, sureness } = found
  return (
    <>
      <p>
        {source ? t(`from.${source}`, { domain: found.domain }) : null} {sureness ? t(`sureness.${sureness}`) : null}
      </p>
      <NotLookedUp found={found} />
    </>
  )
}

function NotLookedUp({ found: { states } }: { found: Discovery }) {
  const t = useTranslations('discovery')
  const failed = sources.filter(source => states[source] === 'failed').map(source => inSentence(t(`source.${source}`)))
  return failed.length > 0 ? <p>{t('notLookedUp', { sources: failed.join(', ') })}</p> : null
}

function Tls({ tls }: { tls: NonNullable<Discovery['server']>['tls'] }) {
  return useTranslations('route.tls')(tls)
}

/** Without its capital, unless that is part of an abbreviation. */
const inSentence = (words: string) => (/^\p{Lu}\p{Lu}/u.test(words) ? words : words.charAt(0).toLowerCase() + words.slice(1))

const bold = { b: (chunks: ReactNode) => <b>{chunks}</b> }
