import type { SenderFields } from '../_card/card-view'

/** The fields of the card while they are on screen: a mend changes them there, and the person saves or tests. */
export type OnScreen = {
  apply: (change: Partial<SenderFields>) => void
  hasBlanks: () => boolean
  removeBlanks: () => void
  focusPassword: () => void
  form: () => FormData | null
}
