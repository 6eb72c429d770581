'use client'

import { useTranslations } from 'next-intl'
import { Fragment } from 'react'
import { CopyButton } from '@/app/_ui/copy-button'
import { type ConversationLine, hiddenSecret } from '@/lib/transport/conversation'

/** The exact record of a step. The speaker is named in words; a secret is a worded chip; everything else is text and nothing more. */
export function RawLines({ lines, of }: { lines: ConversationLine[]; of: string }) {
  const t = useTranslations('conversation')
  const asText = lines.map(({ who, text }) => `${t(`who.${who}`)}: ${text.replaceAll(hiddenSecret, `[${t('hidden')}]`)}`).join('\n')
  return (
    <div className="raw">
      <div className="raw-head">
        <span className="hint">{t('rawTitle')}</span>
        <CopyButton text={asText} of={of} />
      </div>
      <ol className="raw-lines">
        {lines.map(({ who, text }, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
          <li key={position} className={`is-${who}${who === 'server' && /^[45]\d\d/.test(text) ? ' is-bad' : ''}`}>
            <span className="who">{t(`who.${who}`)}</span>
            <span className="said">
              <Said text={text} />
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}

function Said({ text }: { text: string }) {
  const t = useTranslations('conversation')
  return text.split(hiddenSecret).map((part, position) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one fixed line
    <Fragment key={position}>
      {position > 0 ? <span className="masked">{t('hidden')}</span> : null}
      {part}
    </Fragment>
  ))
}
