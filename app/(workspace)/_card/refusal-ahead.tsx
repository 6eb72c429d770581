'use client'

import { useTranslations } from 'next-intl'
import { Button } from '@/app/_ui/button'
import { Notice } from '@/app/_ui/state'
import type { Forecast } from '@/lib/deliverability/forecast'
import { useSenderName } from '../_route/use-sender-name'
import { ProposedRecord } from './forecast-panel'

type RefusalAheadProps = { forecast: Forecast; platform: string; onReplyTo: (() => void) | null }

/** Said before saving: the domain asks receivers to refuse such mail; and the two ways out. */
export function RefusalAhead({ forecast: { outlooks, domain, report }, platform, onReplyTo }: RefusalAheadProps) {
  const t = useTranslations('forecast')
  const senderName = useSenderName(platform)
  return (
    <Notice tone="attention" live>
      <p>{t.rich(outlooks.platform === 'refused' ? 'ahead.refused' : 'ahead.junk', { domain, platform, b: chunks => <b>{chunks}</b> })}</p>
      <ProposedRecord report={report} platform={platform} />
      {onReplyTo ? (
        <p className="actions mt-2">
          <Button small onClick={onReplyTo}>
            {t('ahead.choose', { sender: senderName('replyTo') })}
          </Button>
        </p>
      ) : null}
    </Notice>
  )
}
