'use client'

import { Trouble } from './_ui/trouble'

export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  return (
    <main className="page door" id="page">
      <Trouble id={error.digest} />
    </main>
  )
}
