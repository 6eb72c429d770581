import { useTranslations } from 'next-intl'
import type { SenderChoice } from '@/db/schema'

/** The label of a sender. With a base user, the first choice of other cards is *As the company sends (JAN)*. */
export function useSenderName(platform: string) {
  const t = useTranslations('route.sender')
  return (choice: SenderChoice, baseCode: string | null = null) =>
    choice === 'platform' && baseCode ? t('asCompany', { code: baseCode }) : t(choice, { name: platform })
}
