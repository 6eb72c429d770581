import { useTranslations } from 'next-intl'
import { CopyButton } from './copy-button'

type CopyBlockProps = { label: string; text: string; wrapped?: boolean; tall?: boolean; isCommand?: boolean }

/** A text to take away: monospace, its name above, one press copies it. A keyboard can scroll it. A command breaks between its words only, never behind a hyphen. */
export function CopyBlock({ label, text, wrapped = false, tall = false, isCommand = false }: CopyBlockProps) {
  const t = useTranslations('state')
  const looks = [(wrapped || isCommand) && 'is-wrapped', tall && 'is-tall'].filter(Boolean).join(' ')
  return (
    <div className="raw">
      <div className="raw-head">
        <span className="hint">{label}</span>
        <CopyButton text={text} label={t('copy')} of={label} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: a section cannot keep the line breaks of a pre */}
      <pre className={looks} tabIndex={0} role="region" aria-label={label}>
        {isCommand ? <WholeWords text={text} /> : text}
      </pre>
    </div>
  )
}

function WholeWords({ text }: { text: string }) {
  return text.split(/(\s+)/).map((part, position) =>
    position % 2 === 1 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the words of one fixed text
      <span key={position} className="inline-block">
        {part}
      </span>
    ),
  )
}
