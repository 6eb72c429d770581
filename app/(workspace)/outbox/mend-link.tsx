import { useTranslations } from 'next-intl'
import { ButtonLink } from '@/app/_ui/button'
import type { PausedAccount } from '@/lib/account/account-health'

/** To the card whose settings hold an account's mail up. An address that is not confirmed yet is the operator's to mend. */
export function MendLink({ account: { cardCode, reason, waiting }, ownCode }: { account: PausedAccount; ownCode: string }) {
  const t = useTranslations('outbox.paused')
  if (reason === 'emailNotConfirmed') return null
  const card = cardCode === ownCode || !cardCode ? '/settings/user' : `/settings/users/${encodeURIComponent(cardCode)}`
  return reason === 'consentNeeded' ? (
    <ButtonLink href={`${card}#microsoft365`}>{t('reconnect', { waiting })}</ButtonLink>
  ) : (
    <ButtonLink href={card}>{t('mend', { waiting })}</ButtonLink>
  )
}
