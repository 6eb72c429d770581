import { useTranslations } from 'next-intl'
import { RelativeTime } from '@/app/_ui/relative-time'
import { Section, Sheet } from '@/app/_ui/sheet'
import { Status } from '@/app/_ui/state'
import { HeadCell, MainLink, Table } from '@/app/_ui/table'
import type { AccountRow } from '@/lib/account/list-accounts'
import { hasUsage, UsageLine } from '../../_usage/usage-line'

/** The company's own servers and mailboxes: since when each works, how much of its day is used, and when it was last looked at. */
export function AccountList({ accounts, ownCode }: { accounts: AccountRow[]; ownCode: string }) {
  const t = useTranslations('identity.accounts')
  if (accounts.length === 0) return null
  return (
    <Sheet>
      <Section title={t('title')}>
        <p className="soft max-w-[68ch]">{t('lead')}</p>
      </Section>
      <Table
        caption={t('title')}
        head={
          <tr>
            <HeadCell className="subject pl-4">{t('account')}</HeadCell>
            <HeadCell>{t('state')}</HeadCell>
            <HeadCell className="when">{t('checked')}</HeadCell>
          </tr>
        }
      >
        {accounts.map(account => (
          <Row key={account.id} account={account} ownCode={ownCode} />
        ))}
      </Table>
    </Sheet>
  )
}

function Row({
  account: { state, pauseReason, username, host, worksSince, checkedAt, failingSince, cardCode, usage },
  ownCode,
}: {
  account: AccountRow
  ownCode: string
}) {
  const t = useTranslations('identity.accounts')
  const tCard = useTranslations('card.health')
  const href = cardCode === ownCode ? '/settings/user' : `/settings/users/${encodeURIComponent(cardCode ?? '')}`
  const under = [username ? host : null, cardCode].filter(Boolean).join(', ') // without a login the host is its name already
  const at = (instant: Date) => () => <RelativeTime at={instant} />
  return (
    <tr className="max-[600px]:grid-cols-[0_minmax(0,1fr)_auto]">
      <td className="subject min-[601px]:pl-4">
        {cardCode ? <MainLink href={href}>{username ?? host}</MainLink> : (username ?? host)}
        {under ? <span className="under">{under}</span> : null}
      </td>
      <td className="what">
        {state === 'paused' ? (
          <Status tone="failed">{tCard(`paused.${pauseReason ?? 'incomplete'}`)}</Status>
        ) : failingSince ? (
          <Status tone="attention">{t.rich('failing', { since: at(failingSince) })}</Status>
        ) : worksSince ? (
          <Status tone="works">{t.rich('since', { since: at(worksSince) })}</Status>
        ) : (
          <Status tone="quiet">{t('notYet')}</Status>
        )}
        {usage && hasUsage(usage) ? (
          <p className="status-why">
            <UsageLine usage={usage} />
          </p>
        ) : null}
      </td>
      <td className="when">{checkedAt ? <RelativeTime at={checkedAt} /> : t('never')}</td>
    </tr>
  )
}
