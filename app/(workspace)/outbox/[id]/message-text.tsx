import { useFormatter, useTranslations } from 'next-intl'
import { Icon } from '@/app/_ui/icon'
import type { MessageView } from '@/lib/message/message'
import { sizeWords } from '../../_conversation/step-words'

/** What was written, as far as it is shown, and what hangs on it. */
export function MessageText({ view: { text, attachments, isTextRemoved } }: { view: MessageView }) {
  const t = useTranslations('outbox.message')
  const format = useFormatter()
  return (
    <section className="sheet section">
      <h2>{t('preview')}</h2>
      {text ? (
        <p className="mt-3 max-w-[68ch] whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</p>
      ) : (
        <p className="soft">{t(isTextRemoved ? 'textRemoved' : 'noPreview')}</p>
      )}
      {attachments.length > 0 ? (
        <>
          <h3 className="mt-4">{t('attachments')}</h3>
          <ul className="mt-2 grid gap-1">
            {attachments.map(({ filename, sizeBytes }, position) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two files may have one name, and their order is fixed
              <li key={position} className="flex items-baseline gap-2 [overflow-wrap:anywhere]">
                <Icon name="attachment" className="soft" />
                <span>
                  {filename || t('noFilename')} <span className="hint">{sizeWords(sizeBytes, format.number)}</span>
                </span>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  )
}
