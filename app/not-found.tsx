import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ButtonLink } from './_ui/button'
import { Door } from './_ui/door'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('frame')
  return { title: t('notFoundTitle') }
}

export default async function NotFound() {
  const t = await getTranslations('frame')
  return (
    <Door title={t('notFoundTitle')} intro={t('notFoundText')}>
      <p className="actions">
        <ButtonLink href="/settings/user">{t('notFoundBack')}</ButtonLink>
      </p>
    </Door>
  )
}
