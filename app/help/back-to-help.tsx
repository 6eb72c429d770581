import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Icon } from '@/app/_ui/icon'

export function BackToHelp() {
  const t = useTranslations('help')
  return (
    <p>
      <Link className="back" href="/help">
        <Icon name="left" /> {t('all')}
      </Link>
    </p>
  )
}
