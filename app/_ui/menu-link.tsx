'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'

/** A line of the menu that knows whether it leads to where one is. Closes the sheet of narrow screens when followed. */
export function MenuLink({ href, except, children }: { href: string; except?: string; children: ReactNode }) {
  const pathname = usePathname()
  const isInside = pathname.startsWith(`${href}/`) && !(except && pathname.startsWith(except))
  return (
    <Link href={href} aria-current={pathname === href ? 'page' : isInside ? 'true' : undefined} onClick={closeMenu}>
      {children}
    </Link>
  )
}

function closeMenu() {
  const menu = document.getElementById('menu')
  if (menu?.matches(':popover-open')) menu.hidePopover()
}
