'use client'

import Link from 'next/link'
import type { ComponentProps } from 'react'
import { useFormStatus } from 'react-dom'
import { LinkWait } from './wait'

type ButtonLook = 'main' | 'plain' | 'danger'

const classOf = (look: ButtonLook | undefined, small: boolean | undefined) => ['button', look, small && 'small'].filter(Boolean).join(' ')

/** A verb with an object. `main` is the page's one main action. */
export function Button({ look, small, className = '', type = 'button', ...rest }: ComponentProps<'button'> & { look?: ButtonLook; small?: boolean }) {
  return <button type={type} className={`${classOf(look, small)} ${className}`.trim()} {...rest} />
}

/** Sends its form. While the form is on its way a second press does nothing, and the button keeps its size. */
export function SubmitButton({ look, small, className = '', ...rest }: ComponentProps<'button'> & { look?: ButtonLook; small?: boolean }) {
  const { pending } = useFormStatus()
  return (
    <button
      type="submit"
      className={`${classOf(look, small)} ${className}`.trim()}
      aria-disabled={pending || undefined}
      onClick={event => pending && event.preventDefault()}
      {...rest}
    />
  )
}

/** A link that looks like a button: it leads somewhere and changes nothing. */
export function ButtonLink({ look, small, className = '', children, ...rest }: ComponentProps<typeof Link> & { look?: ButtonLook; small?: boolean }) {
  return (
    <Link className={`${classOf(look, small)} ${className}`.trim()} {...rest}>
      {children}
      <LinkWait />
    </Link>
  )
}
