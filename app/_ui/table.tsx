import Link from 'next/link'
import type { ComponentProps, ReactNode } from 'react'
import { LinkWait } from './wait'

/** The one table of the product: sticky header, rows that become cards at 600 px. Cells carry `pick subject what code when`. */
export function Table({ caption, head, children }: { caption: string; head?: ReactNode; children: ReactNode }) {
  return (
    <table className="table">
      <caption className="unseen">{caption}</caption>
      {head ? <thead>{head}</thead> : null}
      <tbody>{children}</tbody>
    </table>
  )
}

export function HeadCell(props: ComponentProps<'th'>) {
  return <th scope="col" {...props} />
}

/** What opens a row. */
export function MainLink({ className = '', children, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link className={`main-link ${className}`.trim()} {...rest}>
      {children}
      <LinkWait />
    </Link>
  )
}

/** The last line of a list: how many there are, the way to older ones. */
export function ListFoot({ count, children }: { count: ReactNode; children?: ReactNode }) {
  return (
    <div className="list-foot">
      <span>{count}</span>
      {children}
    </div>
  )
}
