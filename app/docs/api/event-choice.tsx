'use client'

import { useRouter } from 'next/navigation'
import { useId, useTransition } from 'react'
import { Select } from '@/app/_ui/field'
import { Wait } from '@/app/_ui/wait'

type EventChoiceProps = { label: string; show: string; chosen: string; events: string[] }

/** Whose example is shown; it lives in the address bar. */
export function EventChoice({ label, show, chosen, events }: EventChoiceProps) {
  const id = useId()
  const router = useRouter()
  const [isPending, startTransition] = useTransition()
  return (
    <form action="/docs/api#event-example" className="actions">
      <label htmlFor={id}>{label}</label>
      <Select
        small
        id={id}
        name="event"
        key={chosen}
        defaultValue={chosen}
        onChange={({ target }) => startTransition(() => router.replace(`?event=${target.value}`, { scroll: false }))}
      >
        {events.map(type => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </Select>
      <Wait isPending={isPending} />
      <noscript>
        <button type="submit" className="button small">
          {show}
        </button>
      </noscript>
    </form>
  )
}
