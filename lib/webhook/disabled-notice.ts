import type { Db } from '@/db/client'
import type { Webhook } from '@/db/schema'
import { env } from '@/lib/env'
import type { Language } from '@/lib/language'
import type { PreparedMessage } from '@/lib/message/prepare-message'
import { listNoticed, prepareNotices } from '@/lib/notice/prepare-notices'

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

/** Mail to the company's admins. */
export async function prepareDisabledNotices(db: Db, webhook: Webhook, reason: Reason): Promise<PreparedMessage[]> {
  return prepareNotices(db, await listNoticed(db, webhook.tenantId), ({ card, language }) => {
    const said = words[language]
    return {
      of: card,
      subject: said.subject(new URL(webhook.url).hostname),
      paragraphs: [said[reason](webhook.url), said.whatNext, `${env.appUrl}/settings/webhooks/${webhook.id}`],
    }
  })
}
