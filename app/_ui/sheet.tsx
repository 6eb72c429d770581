import type { ReactNode } from 'react'

/** Paper on the ground. Sections inside are parted by hairlines. */
export function Sheet({ className = '', children, ...rest }: { className?: string; children: ReactNode; 'aria-labelledby'?: string }) {
  return (
    <section className={`sheet ${className}`.trim()} {...rest}>
      {children}
    </section>
  )
}

export function Section({ title, titleId, intro, children }: { title?: ReactNode; titleId?: string; intro?: ReactNode; children?: ReactNode }) {
  return (
    <div className="section">
      {title ? <h2 id={titleId}>{title}</h2> : null}
      {intro ? <p>{intro}</p> : null}
      {children}
    </div>
  )
}

/** The foot of a form: its buttons, and at the right a quiet word such as when it was saved. */
export function SectionFoot({ hint, children }: { hint?: ReactNode; children: ReactNode }) {
  return (
    <div className="section-foot">
      {children}
      {hint ? <span className="hint">{hint}</span> : null}
    </div>
  )
}

/** A titled sheet for the right column. */
export function Panel({ title, foot, children }: { title: ReactNode; foot?: ReactNode; children: ReactNode }) {
  return (
    <section className="sheet panel">
      <h2>{title}</h2>
      {children}
      {foot ? <div className="foot hint">{foot}</div> : null}
    </section>
  )
}

/** The title of a page, and the one sentence that says what it is for. */
export function PageHead({ title, then, children }: { title: ReactNode; then?: ReactNode; children?: ReactNode }) {
  return (
    <header className="page-head">
      <h1>
        {title} {then ? <span className="then">{then}</span> : null}
      </h1>
      {children ? <p>{children}</p> : null}
    </header>
  )
}

/** What will appear here, and how to make it appear. */
export function EmptyState({ title, children, actions }: { title: ReactNode; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children ? <p>{children}</p> : null}
      {actions ? <div className="actions">{actions}</div> : null}
    </div>
  )
}
