import type { ReactNode } from 'react'
import { LanguageChoice } from './language-choice'
import { Mark } from './mark'
import { PageHead } from './sheet'

/** The page before one is in: the mark, a title, the thing itself, the languages. */
export function Door({ title, intro, wide = false, children }: { title: string; intro: ReactNode; wide?: boolean; children: ReactNode }) {
  return (
    <main className={`page door ${wide ? 'is-wide' : ''}`.trim()} id="page">
      <p className="brand">
        <Mark />
        <b>Posthorn</b>
      </p>
      <PageHead title={title}>{intro}</PageHead>
      {children}
      <footer>
        <LanguageChoice />
      </footer>
    </main>
  )
}
