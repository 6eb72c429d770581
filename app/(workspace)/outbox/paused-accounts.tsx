import { useTranslations } from 'next-intl'
import { RelativeTime } from '@/app/_ui/relative-time'
import { StateHeadline } from '@/app/_ui/state'
import type { PausedAccount } from '@/lib/account/account-health'
import { explainPause } from '@/lib/diagnosis/explain-failure'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import { env } from '@/lib/env'
import { WhyAndWhat } from '../_explanation/why-and-what'
import { MendLink } from './mend-link'

/** Every account that waits for somebody, with the one thing that mends it. Those who cannot act see the sentence. */
export function PausedAccounts({ accounts, ownCode, mends }: { accounts: PausedAccount[]; ownCode: string; mends: Map<string, MendContext> }) {
  const t = useTranslations('outbox.paused')
  return accounts.map(account => {
    const { id, label, host, username, reason, text, pausedAt, waiting, mayMend, cardCode } = account
    const when = () => (pausedAt ? <RelativeTime at={pausedAt} /> : null)
    return (
      <StateHeadline
        key={id}
        tone="attention"
        title={`${t(reason, { label })} ${t('waiting', { waiting })}`}
        actions={mayMend ? <MendLink account={account} ownCode={ownCode} /> : undefined}
      >
        <p>
          {cardCode ? t.rich('text', { when, code: cardCode }) : t.rich('textPlain', { when })} {mayMend ? null : t('others')}
        </p>
        <WhyAndWhat
          explained={explainPause({ reason, text, host })}
          said={text}
          host={host}
          username={username ?? ''}
          platform={env.platform.name}
          mend={(cardCode && mends.get(cardCode)) || null}
        />
      </StateHeadline>
    )
  })
}
