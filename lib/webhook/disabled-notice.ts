import { and, eq, isNotNull } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { cards, logins, tenants, type Webhook } from '@/db/schema'
import { noticeRoute } from '@/lib/account/pause-notice'
import { env } from '@/lib/env'
import type { Language } from '@/lib/language'
import { type PreparedMessage, prepareMessage } from '@/lib/message/prepare-message'

type Reason = NonNullable<Webhook['disabledBecause']>
type Words = { subject: (host: string) => string; whatNext: string } & Record<Reason, (url: string) => string>

const words: Record<Language, Words> = {
  pl: {
    subject: host => `Webhook wyłączony: ${host}`,
    failing: url => `Od pięciu dni nie udało się dostarczyć niczego pod adres ${url}. Webhook został wyłączony.`,
    gone: url => `Adres ${url} odpowiedział, że już nie istnieje (410). Webhook został wyłączony.`,
    whatNext: 'Poczta wychodzi jak dotąd. Webhook można włączyć ponownie, a niedostarczone zdarzenia wysłać jeszcze raz:',
  },
  en: {
    subject: host => `Webhook switched off: ${host}`,
    failing: url => `For five days nothing could be delivered to ${url}. The webhook has been switched off.`,
    gone: url => `The address ${url} answered that it is gone (410). The webhook has been switched off.`,
    whatNext: 'Mail leaves as before. You can switch the webhook on again and send the undelivered events once more:',
  },
  et: {
    subject: host => `Veebihaak on välja lülitatud: ${host}`,
    failing: url => `Viie päeva jooksul ei õnnestunud aadressile ${url} midagi edastada. Veebihaak on välja lülitatud.`,
    gone: url => `Aadress ${url} vastas, et seda enam ei ole (410). Veebihaak on välja lülitatud.`,
    whatNext: 'Post väljub nagu ennegi. Veebihaagi saab uuesti sisse lülitada ja edastamata sündmused uuesti saata:',
  },
}

/** Mail to the company's admins, by the platform's relay. */
export async function prepareDisabledNotices(db: Db, webhook: Webhook, reason: Reason): Promise<PreparedMessage[]> {
  const admins = await db
    .select({ card: cards, language: logins.language, tenant: tenants })
    .from(cards)
    .innerJoin(logins, eq(logins.id, cards.loginId))
    .innerJoin(tenants, eq(tenants.id, cards.tenantId))
    .where(and(eq(cards.tenantId, webhook.tenantId), eq(cards.isActive, true), eq(cards.role, 'admin'), isNotNull(cards.email)))
  const prepared = await Promise.allSettled(
    admins.map(({ card, language, tenant }) => {
      const said = words[language ?? 'en']
      return prepareMessage(db, noticeRoute(tenant, card), {
        to: [card.email ?? ''],
        subject: said.subject(new URL(webhook.url).hostname),
        text: [said[reason](webhook.url), said.whatNext, `${env.appUrl}/settings/webhooks/${webhook.id}`].join('\n\n'),
        kind: 'notice',
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
    }),
  )
  return prepared.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}
