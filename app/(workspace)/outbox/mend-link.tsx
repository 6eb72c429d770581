import { useTranslations } from 'next-intl'
import { ButtonLink } from '@/app/_ui/button'
import type { PausedAccount } from '@/lib/account/account-health'

/** To the card whose settings hold an account's mail up. */
export function MendLink({ account: { cardCode, waiting }, ownCode }: { account: PausedAccount; ownCode: string }) {
  const t = useTranslations('outbox.paused')
  const href = cardCode === ownCode || !cardCode ? '/settings/user' : `/settings/users/${encodeURIComponent(cardCode)}`
  return <ButtonLink href={href}>{t('mend', { waiting })}</ButtonLink>
}
