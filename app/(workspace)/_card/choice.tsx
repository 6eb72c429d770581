import type { ReactNode } from 'react'

type ChoiceProps = {
  value: string
  label: string
  tag?: string | undefined
  text: ReactNode
  checked: boolean
  locked: boolean
  onChoose: (value: string) => void
  children?: ReactNode
}

/** One way of sending: what it is, what the recipient will see, and, when chosen, its fields in place. Opens without JavaScript too. */
export function Choice({ value, label, tag, text, checked, locked, onChoose, children }: ChoiceProps) {
  return (
    <div className="choice">
      <label>
        <input
          className="dot"
          type="radio"
          name="choice"
          value={value}
          checked={checked}
          disabled={locked && !checked}
          onChange={() => onChoose(value)}
          aria-labelledby={`choice-${value}`}
          aria-describedby={`choice-${value}-text`}
        />
        <b id={`choice-${value}`}>{label}</b>
        {tag ? <span className="tag">{tag}</span> : null}
        <span className="choice-text" id={`choice-${value}-text`}>
          {text}
        </span>
      </label>
      {children ? <div className="choice-body">{children}</div> : null}
    </div>
  )
}
