import { useTranslations } from 'next-intl'

/** One press leads to Microsoft's page of consent for sending over Graph; what that means stands beneath. */
export function UseGraph({ code, look }: { code: string; look: { look?: 'plain' } }) {
  const t = useTranslations('microsoftReply')
  return (
    <div className="w-full">
      <a className={look.look ? 'button plain' : 'button'} href={`/oauth/microsoft/authorize?card=${encodeURIComponent(code)}&purpose=graph`}>
        {t('useGraph')}
      </a>
      <p className="hint mt-2">{t('graphMeans')}</p>
    </div>
  )
}
