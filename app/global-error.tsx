'use client'

import './globals.css'

/** The last net: the frame itself failed, so there is no language to ask for. All three say it. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body>
        <main className="page door">
          <div className="page-head" role="alert">
            <h1>Posthorn</h1>
            <p lang="pl">Coś poszło nie tak po naszej stronie. Spróbuj ponownie za chwilę.</p>
            <p>Something went wrong on our side. Try again in a moment.</p>
            <p lang="et">Midagi läks meie poolel valesti. Proovi hetke pärast uuesti.</p>
          </div>
          <p className="actions">
            <button type="button" className="button" onClick={() => location.reload()}>
              <span lang="pl">Spróbuj ponownie</span> · Try again · <span lang="et">Proovi uuesti</span>
            </button>
            <span className="mono">{error.digest}</span>
          </p>
        </main>
      </body>
    </html>
  )
}
