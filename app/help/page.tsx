import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { Icon } from '@/app/_ui/icon'
import { PageHead } from '@/app/_ui/sheet'
import { env } from '@/lib/env'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('help')
  return { title: t('title'), description: t('intro') }
}

const guides = [
  { href: '/help/gmail', key: 'gmail' },
  { href: '/help/microsoft-365', key: 'microsoft' },
  { href: '/help/smtp', key: 'smtp' },
  { href: '/help/ip-whitelist', key: 'ip' },
] as const

export default async function HelpPage() {
  const t = await getTranslations('help')
  return (
    <>
      <PageHead title={t('title')}>{t('intro')}</PageHead>
      <ul className="sheet links guide">
        {guides.map(({ href, key }) => (
          <li key={href}>
            <Link href={href}>
              <span>
                <b>{t(`${key}.name`)}</b>
                <span className="soft">{t(`${key}.teaser`, { platform: env.platform.name })}</span>
              </span>
              <Icon name="right" />
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}
