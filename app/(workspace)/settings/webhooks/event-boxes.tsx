'use client'

import { useTranslations } from 'next-intl'
import { Checkbox } from '@/app/_ui/field'
import { Icon } from '@/app/_ui/icon'
import { webhookEvents } from '@/lib/webhook/event'

/** What a webhook is told, each in words and by the name that the program reads. */
export function EventBoxes({ chosen, error }: { chosen: readonly string[]; error: string | undefined }) {
  const t = useTranslations('webhooks')
  return (
    <fieldset className="mt-4">
      <legend className="font-medium">{t('events')}</legend>
      {error ? (
        <p className="error mt-1 flex gap-2">
          <Icon name="failed" /> {error}
        </p>
      ) : null}
      <div className="mt-2 grid gap-x-6 gap-y-2 min-[601px]:grid-cols-2">
        {webhookEvents.map(event => (
          <Checkbox key={event} name="events" value={event} defaultChecked={chosen.includes(event)} hint={<code className="mono">{event}</code>}>
            {t(`event.${eventKey(event)}`)}
          </Checkbox>
        ))}
      </div>
    </fieldset>
  )
}

/** The name as a key of the message files, where a dot would open a level. */
export const eventKey = (event: string) => event.replace('.', '_') as 'message_queued'
