import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { getSender, saveSender } from './sender'
import type { SenderInput } from './sender.form'

type Card = { code: string }

/** *From = the mailbox that signs in, Reply-To = the card's e-mail* (rule 7), all else as it is. @throws Refusal as `saveSender` */
export const sendAsLogin = (db: Db, actor: Actor, card: Card) => changeSender(db, actor, card, { authorIsLogin: true })

/** The sender *…-Reply-to*: the platform's own domain in From, answers to the card's e-mail. @throws Refusal as `saveSender` */
export const sendAsReplyTo = (db: Db, actor: Actor, card: Card) => changeSender(db, actor, card, { choice: 'replyTo', server: '', tls: '', username: '' })

/** Changes single values of a card's sender under every rule of saving it; the stored password stays where server and user name do. */
async function changeSender(db: Db, actor: Actor, { code }: Card, change: Partial<SenderInput>): Promise<void> {
  const { choice, server, tls, username, authorIsLogin, version } = await getSender(db, actor, { code })
  await saveSender(db, actor, { choice, server, tls: tls ?? '', username, authorIsLogin, password: '', version, ...change, code })
}
