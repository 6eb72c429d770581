import { type Language, languageOfHeader } from '@/lib/language'

const words = {
  pl: {
    title: 'Piaskownica: logowanie zamiast Microsoftu',
    notMicrosoft: 'To jest piaskownica, a nie Microsoft. Nie wpisuj tu żadnego prawdziwego hasła: nikt o nie nie pyta i nic nie opuszcza tego komputera.',
    who: 'Kto się loguje? Każdy adres będzie dobry.',
    address: 'Adres Microsoft 365',
    next: 'Dalej',
    consent: 'wyraża zgodę, aby Posthorn',
    scopes: ['wysyłał pocztę z tej skrzynki (SMTP.Send)', 'robił to także później, bez ponownego logowania (offline_access)'],
    accept: 'Akceptuję',
    cancel: 'Anuluj',
    admin: 'Odpowiedz tak, jak organizacja, w której zgodę musi wyrazić administrator',
    adminTitle: 'Zgoda administratora',
    adminText: 'Jako administrator organizacji wyrażasz zgodę, aby jej użytkownicy łączyli swoje skrzynki z Posthornem.',
  },
  en: {
    title: 'Sandbox: sign-in in place of Microsoft',
    notMicrosoft: 'This is a sandbox, not Microsoft. Do not type a real password here: nobody asks for one, and nothing leaves this machine.',
    who: 'Who signs in? Any address will do.',
    address: 'Microsoft 365 address',
    next: 'Next',
    consent: 'agrees that Posthorn',
    scopes: ['sends mail from this mailbox (SMTP.Send)', 'does so later, too, without signing in again (offline_access)'],
    accept: 'Accept',
    cancel: 'Cancel',
    admin: 'Answer as an organisation whose administrator has to consent',
    adminTitle: 'Consent of an administrator',
    adminText: 'As the organisation’s administrator you agree that its users connect their mailboxes to Posthorn.',
  },
  et: {
    title: 'Liivakast: sisselogimine Microsofti asemel',
    notMicrosoft: 'See on liivakast, mitte Microsoft. Ära kirjuta siia päris salasõna: seda ei küsita ja midagi ei lahku sellest arvutist.',
    who: 'Kes logib sisse? Sobib iga aadress.',
    address: 'Microsoft 365 aadress',
    next: 'Edasi',
    consent: 'nõustub, et Posthorn',
    scopes: ['saadab sellest postkastist kirju (SMTP.Send)', 'teeb seda ka hiljem, ilma uuesti sisse logimata (offline_access)'],
    accept: 'Nõustun',
    cancel: 'Loobu',
    admin: 'Vasta nagu organisatsioon, kus nõusoleku peab andma administraator',
    adminTitle: 'Administraatori nõusolek',
    adminText: 'Organisatsiooni administraatorina nõustud, et selle kasutajad ühendavad oma postkastid Posthorniga.',
  },
} satisfies Record<Language, object>

/** Who signs in. */
export function accountPage(accepted: string, { hint }: { hint: string }): string {
  const t = words[languageOfHeader(accepted)]
  return page(
    accepted,
    `<p>${t.who}</p><form method="post"><label for="address">${t.address}</label>
    <input id="address" name="address" type="email" required autofocus autocomplete="off" value="${harmless(hint)}">
    <p class="buttons"><button name="answer" value="next">${t.next}</button><button name="answer" value="cancel" class="quiet" formnovalidate>${t.cancel}</button></p></form>`,
  )
}

/** What that person agrees to. */
export function consentPage(accepted: string, { address, isGraph }: { address: string; isGraph: boolean }): string {
  const t = words[languageOfHeader(accepted)]
  return page(
    accepted,
    `<p><b>${harmless(address)}</b> ${t.consent}</p><ul>${t.scopes.map(scope => `<li>${isGraph ? scope.replace('SMTP.Send', 'Mail.Send') : scope}</li>`).join('')}</ul>
    <form method="post"><p class="buttons"><button name="answer" value="accept">${t.accept}</button><button name="answer" value="cancel" class="quiet">${t.cancel}</button></p>
    <p><button name="answer" value="admin" class="link">${t.admin}</button></p></form>`,
  )
}

/** What an administrator agrees to for everybody. */
export function adminPage(accepted: string, { scope }: { scope: string }): string {
  const t = words[languageOfHeader(accepted)]
  return page(
    accepted,
    `<h2>${t.adminTitle}</h2><p>${t.adminText}</p><ul><li>${harmless(scope)}</li></ul><form method="post"><p class="buttons"><button name="answer" value="accept">${t.accept}</button><button name="answer" value="cancel" class="quiet">${t.cancel}</button></p></form>`,
  )
}

const page = (accepted: string, body: string) => {
  const language = languageOfHeader(accepted)
  const t = words[language]
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${t.title}</title><style>
  :root{color-scheme:light dark}body{font:16px/24px system-ui,sans-serif;margin:0;padding:24px;display:grid;justify-content:center;background:light-dark(#f6f4ef,#191816);color:light-dark(#1f1d1a,#eceae5)}
  main{max-width:440px}h1{font-size:20px;line-height:28px}h2{font-size:16px}.notice{border:2px dashed light-dark(#8a5a00,#e0a83a);padding:12px 16px;border-radius:6px}
  label{display:block;font-weight:600}input{box-sizing:border-box;width:100%;height:44px;padding:0 12px;font:inherit;border:1px solid light-dark(#77736a,#8d897f);border-radius:6px;background:light-dark(#fff,#24221f);color:inherit}
  .buttons{display:flex;gap:12px}button{height:44px;padding:0 20px;font:inherit;font-weight:600;border-radius:6px;border:1px solid light-dark(#1d3f8f,#9db8ff);background:light-dark(#1d3f8f,#9db8ff);color:light-dark(#fff,#10131c)}
  button.quiet{background:none;color:inherit;border-color:light-dark(#77736a,#8d897f)}button.link{border:0;background:none;color:inherit;padding:0;font-weight:400;text-decoration:underline;text-align:left;height:auto;min-height:44px}
  </style></head><body><main><h1>${t.title}</h1><p class="notice">${t.notMicrosoft}</p>${body}</main></body></html>`
}

const harmless = (text: string) => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
