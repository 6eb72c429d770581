import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { enqueueMessage } from '@/lib/message/enqueue-message'

type Document = { code: string; to: string; subject: string; lines: string[] }

/** What a business system might have sent this morning, so that a newcomer finds an outbox that is alive. */
const documents: Document[] = [
  {
    code: 'ANNA',
    to: 'ksiegowosc@nordhaus.test',
    subject: 'Faktura FV/2026/0412',
    lines: ['w załączeniu faktura FV/2026/0412 na kwotę 4 920,00 zł, płatna do 7 grudnia.'],
  },
  { code: 'ANNA', to: 'info@meritum.test', subject: 'Oferta 118/2026', lines: ['przesyłam ofertę, o której rozmawialiśmy. Ceny są ważne do końca miesiąca.'] },
  {
    code: 'PIOTR',
    to: 'zamowienia@balticparts.test',
    subject: 'Zamówienie ZZ/2026/077',
    lines: ['proszę o potwierdzenie zamówienia ZZ/2026/077 i terminu dostawy.'],
  },
  {
    code: 'JAN',
    to: 'biuro@lipowa.test',
    subject: 'Potwierdzenie salda na 31 października',
    lines: ['proszę o potwierdzenie salda: 12 300,00 zł na naszą korzyść.'],
  },
]

/** Queues the demo documents by the routes of their senders. Each only once, whenever this is called. */
export async function enqueueDemoDocuments(db: Db, people: (Actor & { name: string })[]): Promise<void> {
  for (const [position, { code, to, subject, lines }] of documents.entries()) {
    const sender = people.find(person => person.code === code)
    if (!sender) continue
    const text = ['Dzień dobry,', '', ...lines, '', 'Z poważaniem', sender.name, ''].join('\n').replace(/(?<=\s)([aiouwz]) /gi, '$1\u00a0')
    await enqueueMessage(db, sender, { to: [to], subject, text, kind: 'document', idempotencyKey: `demo-${position + 1}` })
  }
}
