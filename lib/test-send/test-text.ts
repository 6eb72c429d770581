import { type Language, localeOf } from '@/lib/language'

type Facts = { code: string; server: string; at: Date }

/** What a test message says, in the tester's language. */
export function testText(language: Language, facts: Facts): { subject: string; text: string } {
  const at = new Intl.DateTimeFormat(localeOf[language], { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' }).format(facts.at)
  return texts[language]({ ...facts, time: `${at} UTC` })
}

const texts: Record<Language, (facts: Facts & { time: string }) => { subject: string; text: string }> = {
  pl: ({ code, server, time }) => ({
    subject: `Wiadomość testowa (${code})`,
    text: `To jest wiadomość testowa użytkownika ${code}, wysłana przez ${server}, ${time}.\n\nSkoro ją czytasz, wysyłka działa. Nie trzeba odpowiadać.`,
  }),
  en: ({ code, server, time }) => ({
    subject: `Test message (${code})`,
    text: `This is a test message of user ${code}, sent through ${server}, ${time}.\n\nAs you can read it, sending works. There is no need to answer.`,
  }),
  et: ({ code, server, time }) => ({
    subject: `Proovikiri (${code})`,
    text: `See on kasutaja ${code} proovikiri, saadetud serveri ${server} kaudu, ${time}.\n\nKui seda loed, siis saatmine toimib. Vastata pole vaja.`,
  }),
}
