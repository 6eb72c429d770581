import type { ReactNode } from 'react'

/** The marks that help texts use, as elements: `t.rich(key, marks)`. */
export const marks = {
  b: (words: ReactNode) => <b>{words}</b>,
  code: (words: ReactNode) => <code>{words}</code>,
  li: (words: ReactNode) => <li>{words}</li>,
}

/** A link to another site, for `t.rich`. */
export const linkTo = (href: string) => ({ a: (words: ReactNode) => <a href={href}>{words}</a> })
