'use client'

import { useFormAction } from '@/app/_forms/use-form-action'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { Icon } from '@/app/_ui/icon'
import { submitDemoSignIn } from './actions'

type Person = { code: string; name: string; words: string }

/** The people of a sandbox's demo company; one press signs in. */
export function DemoPeople({ people, next }: { people: Person[]; next: string }) {
  const [state, action] = useFormAction(submitDemoSignIn)
  return (
    <form action={action}>
      <FormOutcome state={state} />
      <input type="hidden" name="next" value={next} />
      <ul className="people">
        {people.map(({ code, name, words }) => (
          <li key={code}>
            <button type="submit" name="code" value={code} className="person">
              <span className="initials" aria-hidden="true">
                {name.replace(/[^A-ZŁŚŻ]/g, '')}
              </span>
              <span>
                <b>{name}</b>
                <small>{words}</small>
              </span>
              <Icon name="right" />
            </button>
          </li>
        ))}
      </ul>
    </form>
  )
}
