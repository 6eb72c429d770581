import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { type CardView, getCard } from '@/lib/card/card'
import { saveCardWithSender } from '@/lib/sender/save-with-card'
import { getSender } from '@/lib/sender/sender'

type Change = Partial<Pick<CardView, 'version' | 'name' | 'email' | 'role' | 'bcc' | 'signature' | 'isActive'>>

/** An admin changes a card as its page does: together with its sender, which stays as it is. */
export async function changeCard(db: Db, actor: Actor, { code, ...change }: Change & { code: string }): Promise<void> {
  const { name, email, role, bcc, signature, isActive, version } = await getCard(db, actor, { code })
  const { choice, server, tls, username, authorIsLogin, version: senderVersion } = await getSender(db, actor, { code })
  await saveCardWithSender(db, actor, {
    card: { code, name, email, role, bcc, signature, isActive, version, ...change },
    sender: { choice, server, tls: tls ?? '', username, password: '', authorIsLogin, version: senderVersion },
  })
}
