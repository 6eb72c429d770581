'use client'

import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { Button } from '@/app/_ui/button'
import { forgetUnsaved, hasUnsaved } from './unsaved'

/** Asks before what was typed and not saved is lost: here for the ways inside, in the browser's own words for closing and reloading. */
export function AskBeforeLeaving() {
  const t = useTranslations('state.unsaved')
  const dialog = useRef<HTMLDialogElement>(null)
  const goOn = useRef(() => {})
  const asked = useRef<HTMLElement>(null) // the link or button that led out

  useEffect(() => {
    const ended = new AbortController()
    const { signal } = ended
    const ask = (leave: () => void) => {
      goOn.current = leave
      dialog.current?.showModal()
    }
    // on the window and while going down: before the router hears of it
    const onClick = (event: MouseEvent) => {
      const way = wayOut(event)
      if (!way || !hasUnsaved()) return
      event.preventDefault()
      event.stopPropagation()
      asked.current = way
      ask(() => way.click())
    }
    // back and forward; a browser that cannot hold these (or may not: nobody has touched the page) goes
    const onNavigate = (event: NavigateEvent) => {
      if (event.navigationType !== 'traverse' || !event.cancelable || event.hashChange || !hasUnsaved()) return
      event.preventDefault()
      const { key } = event.destination
      asked.current = null
      ask(() => void window.navigation.traverseTo(key))
    }
    window.addEventListener('click', onClick, { capture: true, signal })
    window.addEventListener('beforeunload', event => hasUnsaved() && event.preventDefault(), { signal })
    if ('navigation' in window) window.navigation.addEventListener('navigate', onNavigate, { signal })
    return () => ended.abort()
  }, [])

  /** The browser goes back to where one was. That may have been in the menu, which asking has closed. */
  function findFocus() {
    const way = asked.current
    if (way && !way.checkVisibility()) openerOf(way)?.focus()
  }

  function leave() {
    asked.current = null
    dialog.current?.close()
    forgetUnsaved()
    goOn.current()
  }

  return (
    <dialog ref={dialog} className="ask" role="alertdialog" aria-labelledby="unsaved-title" aria-describedby="unsaved-text" onClose={findFocus}>
      <h2 id="unsaved-title">{t('title')}</h2>
      <p id="unsaved-text">{t('text')}</p>
      <p className="actions">
        <Button autoFocus onClick={() => dialog.current?.close()}>
          {t('stay')}
        </Button>
        <Button look="danger" onClick={leave}>
          {t('leave')}
        </Button>
      </p>
    </dialog>
  )
}

/** The button that opens the menu something stands in. */
const openerOf = (way: HTMLElement) => document.querySelector<HTMLElement>(`[popovertarget="${way.closest('[popover]')?.id}"]`)

/** What was clicked, if it leads off this page in this window: a link, or a button of a form that says so (`data-leaves`). */
function wayOut(event: MouseEvent): HTMLElement | null {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null
  const way = event.target instanceof Element ? event.target.closest<HTMLElement>('a[href], [data-leaves] button') : null
  return way instanceof HTMLAnchorElement && !leadsAway(way) ? null : way
}

function leadsAway(link: HTMLAnchorElement): boolean {
  const { origin, pathname, search } = window.location
  const isHere = link.hash !== '' && link.origin === origin && link.pathname === pathname && link.search === search
  const isElsewhere = link.hasAttribute('download') || (link.target !== '' && link.target !== '_self') || !link.protocol.startsWith('http')
  return !isHere && !isElsewhere
}
