'use client'

import type { Letter } from '@/lib/sender/letters'
import type { IdentityRun } from '@/lib/test-send/identity-run'
import { IdentitySheet } from './identity-sheet'
import { useIdentityActions } from './use-identity-actions'

/** The same as saved, in a form of its own: in the company settings, and on the base user's card for another admin. */
export function IdentityForm(props: { letters: Letter[]; run: IdentityRun | null; baseCode: string; platform: string }) {
  return (
    <form>
      <IdentitySheet {...props} actions={useIdentityActions({ onScreen: false })} />
    </form>
  )
}
