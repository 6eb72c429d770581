import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { TokenLogin } from './submission'

/** What a client says after `AUTH XOAUTH2`, before base64 (no RFC; developers.google.com/gmail/imap/xoauth2-protocol, and Microsoft after it). */
export const xoauth2 = ({ username, accessToken }: Pick<TokenLogin, 'username' | 'accessToken'>) =>
  `user=${username}\u0001auth=Bearer ${accessToken}\u0001\u0001`

/**
 * The mechanism for nodemailer, which would otherwise fetch tokens by itself. A refusal may come as a 334 whose challenge
 * tells why; an empty line asks for the final reply, which is what counts.
 */
export const signInByToken: SMTPConnection.CustomAuthenticationHandlers[string] = async ({ auth, sendCommand, resolve, reject }) => {
  const payload = Buffer.from(xoauth2({ username: auth.user ?? '', accessToken: auth.pass ?? '' })).toString('base64')
  let { response } = await sendCommand(`AUTH XOAUTH2 ${payload}`)
  if (response.startsWith('334')) response = (await sendCommand('')).response
  if (response.startsWith('235')) resolve()
  else reject(new Error('The server refused the access token'))
}
