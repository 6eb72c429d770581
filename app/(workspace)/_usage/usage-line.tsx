import { useFormatter, useTranslations } from 'next-intl'
import { RelativeTime } from '@/app/_ui/relative-time'
import type { AccountUsage } from '@/lib/account/usage'

/** Whether there is something to say. Tests do not count, so *nothing was sent* beside *accepted today* would contradict it. */
export const hasUsage = ({ used, limit, goneAt }: AccountUsage) => used > 0 || limit !== null || goneAt !== null

/** How much of an account's day is used, and when what waits will have gone. */
export function UsageLine({ usage: { used, limit, rest, goneAt } }: { usage: AccountUsage }) {
  const t = useTranslations('usage')
  const format = useFormatter()
  return (
    <>
      {limit === null ? t('unlimited', { used }) : t('limited', { used: format.number(used), limit: format.number(limit) })}{' '}
      {goneAt ? t.rich('rest', { rest, when: () => <RelativeTime at={goneAt} /> }) : null}
    </>
  )
}
