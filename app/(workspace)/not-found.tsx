import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ButtonLink } from '@/app/_ui/button'
import { PageHead } from '@/app/_ui/sheet'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('frame'))('notFoundTitle') }
}

export default async function NotFoundInside() {
  const t = await getTranslations('frame')
  return (
    <>
      <PageHead title={t('notFoundTitle')}>{t('notFoundText')}</PageHead>
      <p className="actions">
        <ButtonLink href="/settings/user">{t('notFoundBack')}</ButtonLink>
      </p>
    </>
  )
}
