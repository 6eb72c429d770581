import type { ReactNode, Ref } from 'react'
import { Icon, type IconName } from './icon'

/** The four states, and *quiet* for the normal case in a list. */
export type Tone = 'works' | 'waiting' | 'attention' | 'failed' | 'quiet'

const iconOf: Record<Tone, IconName> = { works: 'works', waiting: 'waiting', attention: 'attention', failed: 'failed', quiet: 'info' }

type StateHeadlineProps = { tone: Tone; icon?: IconName; title: ReactNode; then?: ReactNode; children?: ReactNode; aside?: ReactNode; actions?: ReactNode }

/** The first thing of a page: one bold sentence, the rest regular, at most one action. Only attention and failure are tinted. */
export function StateHeadline({ tone, icon, title, then, children, aside, actions }: StateHeadlineProps) {
  const heading = (
    <h2>
      {title} {then ? <span className="then">{then}</span> : null}
    </h2>
  )
  return (
    <section className={`state is-${tone}`}>
      <Icon name={icon ?? iconOf[tone]} large className={tone} />
      {children ? (
        <div>
          {heading}
          {children}
        </div>
      ) : (
        heading
      )}
      {actions ? <div className="actions">{actions}</div> : aside ? <span className="aside">{aside}</span> : null}
    </section>
  )
}

type NoticeProps = { tone?: Exclude<Tone, 'quiet'>; icon?: IconName; live?: boolean; ref?: Ref<HTMLDivElement>; children: ReactNode }

/** A word about something on the page. With `live` a screen reader says it as soon as it appears; with a `ref` it can be led to. */
export function Notice({ tone, icon, live = false, ref, children }: NoticeProps) {
  return (
    <div
      className={tone ? `notice is-${tone}` : 'notice'}
      role={live ? (tone === 'failed' ? 'alert' : 'status') : undefined}
      ref={ref}
      tabIndex={ref ? -1 : undefined}
    >
      <Icon name={icon ?? (tone ? iconOf[tone] : 'info')} className={tone ?? ''} />
      <div>{children}</div>
    </div>
  )
}

/** Icon, word, colour, in that order; `why` below in plain ink. */
export function Status({ tone, icon, why, children }: { tone: Tone; icon?: IconName; why?: ReactNode; children: ReactNode }) {
  return (
    <>
      <span className={`status ${tone}`}>
        <Icon name={icon ?? iconOf[tone]} />
        <span>{children}</span>
      </span>
      {why ? <p className="status-why">{why}</p> : null}
    </>
  )
}

export function Tag({ icon, children }: { icon?: IconName; children: ReactNode }) {
  return (
    <span className="tag">
      {icon ? <Icon name={icon} /> : null} {children}
    </span>
  )
}
