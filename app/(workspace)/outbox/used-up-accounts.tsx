import { useTranslations } from 'next-intl'
import { StateHeadline } from '@/app/_ui/state'
import type { UsedUpAccount } from '@/lib/account/usage'
import { UsageLine } from '../_usage/usage-line'

/** Every account whose server takes no more today, with when the rest will have gone. Nobody has to do anything. */
export function UsedUpAccounts({ accounts }: { accounts: UsedUpAccount[] }) {
  const t = useTranslations('usage')
  return accounts.map(({ id, label, usage }) => (
    <StateHeadline key={id} tone="waiting" title={t('usedUp', { account: label })}>
      <p>
        <UsageLine usage={usage} /> {t('usedUpMeans')}
      </p>
    </StateHeadline>
  ))
}
