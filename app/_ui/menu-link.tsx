'use client'

import Link, { useLinkStatus } from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useEffect } from 'react'
import { LinkWait } from './wait'

/** A line of the menu that knows whether it leads to where one is. */
export function MenuLink({ href, except, children }: { href: string; except?: string; children: ReactNode }) {
  const pathname = usePathname()
  const isInside = pathname.startsWith(`${href}/`) && !(except && pathname.startsWith(except))
  return (
    <Link href={href} aria-current={pathname === href ? 'page' : isInside ? 'true' : undefined}>
      {children}
      <MenuWait />
    </Link>
  )
}

/** Inside a link of the menu. The sheet of narrow screens stays until the page is there: the page behind it would not say that it goes. */
export function MenuWait() {
  const { pending } = useLinkStatus()
  useEffect(() => (pending ? closeMenu : undefined), [pending])
  return <LinkWait />
}

/** Unless another of its links was followed meanwhile. */
function closeMenu() {
  const menu = document.getElementById('menu')
  if (menu?.matches(':popover-open') && !menu.querySelector('.is-pending')) menu.hidePopover()
}
