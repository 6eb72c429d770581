import { Refusal } from '@/lib/errors'

/** Who acts now, and in which company. Made from a session or a key; tenant scope comes from here and nowhere else. */
export type Actor = {
  tenantId: string
  cardId: string
  code: string
  loginId: string
  role: 'admin' | 'user'
}

export const isAdmin = (actor: Actor) => actor.role === 'admin'

/** @throws Refusal `notAdmin` */
export function assertAdmin(actor: Actor): void {
  if (!isAdmin(actor)) throw new Refusal('notAdmin')
}
