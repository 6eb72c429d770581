'use client'

import { Trouble } from './_ui/trouble'

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="page door" id="page">
      <Trouble id={error.digest} retry={reset} />
    </main>
  )
}
