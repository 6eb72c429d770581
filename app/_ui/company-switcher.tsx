import { chooseCompany } from '@/app/_auth/actions'
import type { Company } from '@/lib/login/login'
import { Icon } from './icon'
import { Mark } from './mark'

/** The company worked in; with more than one, a fold that lists the others. */
export function CompanySwitcher({ here, others, words }: { here: Company | undefined; others: Company[]; words: string }) {
  const name = (
    <>
      <Mark />
      <span>
        <b>{here?.name}</b>
        <small>Posthorn</small>
      </span>
    </>
  )
  if (others.length === 0) return <div className="company is-only">{name}</div>
  return (
    <details className="companies">
      <summary className="company">
        {name}
        <Icon name="switch" />
        <span className="unseen">{words}</span>
      </summary>
      <form action={chooseCompany} data-leaves>
        {others.map(({ slug, name: other, code }) => (
          <button key={slug} type="submit" name="slug" value={slug}>
            <b>{other}</b>
            <small>{code}</small>
          </button>
        ))}
      </form>
    </details>
  )
}
