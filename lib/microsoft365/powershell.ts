/**
 * A text as one PowerShell argument that is never read as code. PowerShell takes typographic single quotes for
 * quotes as well, so each kind is doubled; what no line can hold is left out.
 */
export const quoted = (text: string) => `'${text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`

/** The commands of Exchange Online PowerShell that an administrator pastes, with the real mailbox in them. */
export const switchSmtpOnForMailbox = (mailbox: string) => `Set-CASMailbox -Identity ${quoted(mailbox)} -SmtpClientAuthenticationDisabled $false`

export const switchSmtpOnForOrganisation = 'Set-TransportConfig -SmtpClientAuthenticationDisabled $false'

export const letSendAs = (mailbox: string, asAddress: string) =>
  `Add-RecipientPermission -Identity ${quoted(asAddress)} -Trustee ${quoted(mailbox)} -AccessRights SendAs -Confirm:$false`

export const showPolicyOf = (mailbox: string) => `Get-User -Identity ${quoted(mailbox)} | Format-List AuthenticationPolicy`
