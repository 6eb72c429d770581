import { useTranslations } from 'next-intl'
import { ButtonLink } from '@/app/_ui/button'
import { RelativeTime } from '@/app/_ui/relative-time'
import { StateHeadline } from '@/app/_ui/state'
import type { PausedAccount } from '@/lib/account/account-health'

/** Every account that waits for somebody, with the one thing that mends it. Those who cannot act see the sentence. */
export function PausedAccounts({ accounts, ownCode }: { accounts: PausedAccount[]; ownCode: string }) {
  const t = useTranslations('outbox.paused')
  return accounts.map(({ id, label, reason, pausedAt, waiting, mayMend, cardCode }) => {
    const when = () => (pausedAt ? <RelativeTime at={pausedAt} /> : null)
    const href = cardCode === ownCode || !cardCode ? '/settings/user' : `/settings/users/${encodeURIComponent(cardCode)}`
    return (
      <StateHeadline
        key={id}
        tone="attention"
        title={`${t(reason, { label })} ${t('waiting', { waiting })}`}
        actions={mayMend ? <ButtonLink href={href}>{t('mend', { waiting })}</ButtonLink> : undefined}
      >
        <p>
          {cardCode ? t.rich('text', { when, code: cardCode }) : t.rich('textPlain', { when })} {mayMend ? null : t('others')}
        </p>
      </StateHeadline>
    )
  })
}
