import { carryOut } from '@/db/atomically'
import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { planCard, planOwnCard } from '@/lib/card/card'
import type { CardInput, OwnCardInput } from '@/lib/card/card.form'
import { allOf } from '@/lib/errors'
import { planSender } from './sender'
import type { SenderInput } from './sender.form'

type Saved = { removedBlanks: boolean } // an app password lost the blanks it was pasted with

/** A person's card and sender, on one page under one button: neither is saved without the other. @throws Refusal as `saveOwnCard` and `saveSender` */
export async function saveOwnCardWithSender(db: Db, actor: Actor, { card, sender }: { card: OwnCardInput; sender: SenderInput }): Promise<Saved> {
  const [cardPlan, senderPlan] = await allOf(planOwnCard(db, actor, card), planSender(db, actor, { ...sender, code: actor.code }))
  await carryOut(db, [cardPlan, senderPlan])
  return { removedBlanks: senderPlan.removedBlanks }
}

/** The same for any card, by an admin. @throws Refusal as `planCard` and `saveSender` */
export async function saveCardWithSender(
  db: Db,
  actor: Actor,
  { card, sender }: { card: CardInput & { isActive: boolean }; sender: SenderInput },
): Promise<Saved> {
  const [cardPlan, senderPlan] = await allOf(planCard(db, actor, card), planSender(db, actor, { ...sender, code: card.code }))
  await carryOut(db, [cardPlan, senderPlan])
  return { removedBlanks: senderPlan.removedBlanks }
}
