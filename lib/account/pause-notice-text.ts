import type { PauseReason } from '@/db/schema'
import type { Language } from '@/lib/language'

type Words = Record<PauseReason | 'unreachable' | 'recovered', (account: string) => string> & {
  subject: (account: string) => string
  subjectUnreachable: (account: string) => string
  subjectRecovered: (account: string) => string
  serverSaid: string
  happened: string // the words are not the server's
  whatNext: string
}

/** The one notice that is sent when an account stops sending, and the one when it sends again; `account` is its user name and server. */
export const pauseNoticeText: Record<Language, Words> = {
  pl: {
    subject: account => `Poczta czeka: ${account}`,
    loginRefused: account => `Serwer nie przyjął logowania (${account}). Poczta z tego konta czeka i nic nie przepadło.`,
    passwordNeeded: account =>
      `Nie mamy zapisanego hasła dla tego serwera i tej nazwy użytkownika (${account}), trzeba je wpisać ponownie. Do tego czasu poczta z tego konta czeka.`,
    tlsFailed: account =>
      `Nie udało się nawiązać szyfrowanego połączenia z serwerem (${account}). Poczta z tego konta czeka i nic nie zostało wysłane otwartym łączem.`,
    consentNeeded: account => `Microsoft wymaga zalogowania (${account}). Poczta z tego konta czeka.`,
    emailNotConfirmed: account => `Adres e-mail karty nie jest jeszcze potwierdzony (${account}). Poczta z niego czeka.`,
    incomplete: account => `Ustawienia wysyłki są niepełne (${account}). Poczta z tego konta czeka.`,
    subjectUnreachable: account => `Serwer poczty nie odpowiada: ${account}`,
    unreachable: account => `Codzienne sprawdzenie nie dociera do serwera (${account}). Poczta z tego konta czeka, a próby ponawiamy sami.`,
    subjectRecovered: account => `Wysyłka poczty znowu działa: ${account}`,
    recovered: account => `Konto ${account} znowu wysyła. Czekająca poczta wychodzi.`,
    serverSaid: 'Odpowiedź serwera:',
    happened: 'Co się stało, dosłownie:',
    whatNext: 'Po poprawieniu ustawień czekająca poczta wyjdzie sama:',
  },
  en: {
    subject: account => `Mail is waiting: ${account}`,
    loginRefused: account => `The server refused the sign-in (${account}). Mail of this account waits; nothing is lost.`,
    passwordNeeded: account =>
      `No password is stored for this server and username (${account}), so it must be typed again. Mail of this account waits until then.`,
    tlsFailed: account => `No encrypted connection to the server could be made (${account}). Mail of this account waits; nothing was sent in the open.`,
    consentNeeded: account => `A sign-in at Microsoft is needed (${account}). Mail of this account waits.`,
    emailNotConfirmed: account => `The e-mail of the card is not confirmed yet (${account}). Mail from it waits.`,
    incomplete: account => `The sending settings are incomplete (${account}). Mail of this account waits.`,
    subjectUnreachable: account => `The mail server does not answer: ${account}`,
    unreachable: account => `The daily check does not reach the server (${account}). Mail of this account waits and is tried again by itself.`,
    subjectRecovered: account => `Mail is sent again: ${account}`,
    recovered: account => `The account ${account} sends again. Waiting mail is leaving.`,
    serverSaid: 'The server said:',
    happened: 'What happened, word for word:',
    whatNext: 'Once the settings are mended, the waiting mail leaves by itself:',
  },
  et: {
    subject: account => `Kirjad ootavad: ${account}`,
    loginRefused: account => `Server ei võtnud sisselogimist vastu (${account}). Selle konto kirjad ootavad, midagi pole kadunud.`,
    passwordNeeded: account =>
      `Selle serveri ja kasutajanime jaoks (${account}) pole salasõna salvestatud, seetõttu tuleb see uuesti sisestada. Seni selle konto kirjad ootavad.`,
    tlsFailed: account => `Serveriga ei õnnestunud luua krüpteeritud ühendust (${account}). Selle konto kirjad ootavad, avatud ühendusega ei saadetud midagi.`,
    consentNeeded: account => `Vaja on Microsofti sisse logida (${account}). Selle konto kirjad ootavad.`,
    emailNotConfirmed: account => `Kaardi e-posti aadress on veel kinnitamata (${account}). Sellelt saadetavad kirjad ootavad.`,
    incomplete: account => `Saatmise seaded on puudulikud (${account}). Selle konto kirjad ootavad.`,
    subjectUnreachable: account => `Meiliserver ei vasta: ${account}`,
    unreachable: account => `Igapäevane kontroll ei jõua serverini (${account}). Selle konto kirjad ootavad ja neid proovitakse automaatselt uuesti.`,
    subjectRecovered: account => `Kirjade saatmine töötab jälle: ${account}`,
    recovered: account => `Konto ${account} saadab jälle. Ootavad kirjad lähevad teele.`,
    serverSaid: 'Serveri vastus:',
    happened: 'Mis juhtus, sõna-sõnalt:',
    whatNext: 'Kui seaded on korras, lähevad ootavad kirjad ise teele:',
  },
}
