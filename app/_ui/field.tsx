'use client'

import { type ComponentProps, createContext, type ReactNode, useContext, useId } from 'react'
import { Icon } from './icon'

type Wiring = { id: string; describedBy: string | undefined; isInvalid: boolean }

const FieldWiring = createContext<Wiring | null>(null)

type FieldProps = { label: ReactNode; hint?: ReactNode; error?: string | undefined; width?: 'half' | 'wide' | 'slim'; id?: string; children: ReactNode }

/** Label above, one line of help below; an error takes the help's place. The control inside is wired to all three. */
export function Field({ label, hint, error, width, id: givenId, children }: FieldProps) {
  const ownId = useId()
  const id = givenId ?? ownId
  const below = error || hint ? `${id}-below` : undefined
  return (
    <div className={width ? `field ${width}` : 'field'}>
      <label htmlFor={id}>{label}</label>
      <FieldWiring value={{ id, describedBy: below, isInvalid: Boolean(error) }}>{children}</FieldWiring>
      {error ? (
        <span className="error" id={below}>
          <Icon name="failed" /> {error}
        </span>
      ) : hint ? (
        <span className="hint" id={below}>
          {hint}
        </span>
      ) : null}
    </div>
  )
}

function useWiring() {
  const wiring = useContext(FieldWiring)
  return wiring ? { id: wiring.id, 'aria-describedby': wiring.describedBy, 'aria-invalid': wiring.isInvalid || undefined } : {}
}

const classes = (small: boolean | undefined, className: string) => `input${small ? ' small' : ''} ${className}`.trim()

/** One line of text. `tag` stands inside at its right: where an inherited value comes from. */
export function Input({ tag, small, className = '', ...rest }: ComponentProps<'input'> & { tag?: ReactNode; small?: boolean }) {
  const input = <input className={classes(small, className)} {...useWiring()} {...rest} />
  return tag ? (
    <span className="inset">
      {input}
      <span className="tag">{tag}</span>
    </span>
  ) : (
    input
  )
}

export function Select({ small, className = '', children, ...rest }: ComponentProps<'select'> & { small?: boolean }) {
  return (
    <span className="select">
      <select className={classes(small, className)} {...useWiring()} {...rest}>
        {children}
      </select>
      <Icon name="down" />
    </span>
  )
}

export function Textarea({ className = '', ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={classes(false, className)} {...useWiring()} {...rest} />
}

/** A box to tick with its words beside it, and a line of help below them. */
export function Checkbox({ children, hint, className = '', ...rest }: ComponentProps<'input'> & { hint?: ReactNode }) {
  const id = useId()
  return (
    <div className="check">
      <label>
        <input type="checkbox" className={`tick ${className}`.trim()} aria-describedby={hint ? id : undefined} {...rest} />
        <span>{children}</span>
      </label>
      {hint ? (
        <p className="hint" id={id}>
          {hint}
        </p>
      ) : null}
    </div>
  )
}
