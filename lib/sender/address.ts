import { z } from 'zod'
import { Refusal } from '@/lib/errors'
import { domainToAscii } from './host-name'

const longestAddress = 254 // RFC 5321, 4.5.3.1.3: a path is at most 256, its brackets included
const longestLocalPart = 64
const dotAtom = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/

/**
 * An addr-spec that every server understands: dot-atom, no quoting, comments or literals; its domain in lower case,
 * an international one as punycode. CR, LF, NUL and anything else that could end a command cannot pass.
 * @throws Refusal `addressInvalid`; `addressNeedsAscii` for letters before the @ that most servers cannot take
 */
export function parseAddress(text: string): string {
  if (text.length > longestAddress) throw new Refusal('addressInvalid')
  const at = text.indexOf('@')
  const [local, domain] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
  if (local === '' || domain === '' || domain.includes('@')) throw new Refusal('addressInvalid')
  const ascii = domainToAscii(domain)
  if (!ascii) throw new Refusal('addressInvalid')
  if (!dotAtom.test(local)) throw new Refusal(/^[\p{L}\p{M}\p{N}._+-]+$/u.test(local) && /[^ -~]/.test(local) ? 'addressNeedsAscii' : 'addressInvalid')
  // `=?` begins an encoded word, `|` a pipe: legal characters that some next hop would run
  if (local.length > longestLocalPart || local.includes('=?') || local.startsWith('|')) throw new Refusal('addressInvalid')
  const address = `${local}@${ascii}`
  if (address.length > longestAddress) throw new Refusal('addressInvalid')
  return address
}

/** Whether `parseAddress` takes it. */
export function isAddress(text: string): boolean {
  try {
    return parseAddress(text) !== ''
  } catch {
    return false
  }
}

/** In lower case; of what has no @, all of it. */
export const domainOf = (address: string) => address.slice(address.lastIndexOf('@') + 1).toLowerCase()

/** For forms: blanks around a pasted address are dropped; an empty field is null. */
export const addressField = z
  .string()
  .default('')
  .transform((text, context) => {
    const trimmed = text.trim()
    if (trimmed === '') return null
    try {
      return parseAddress(trimmed)
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Refusal ? error.code : 'addressInvalid' })
      return z.NEVER
    }
  })

/** The same where an address must be given. */
export const requiredAddressField = addressField.transform((address, context) => {
  if (address !== null) return address
  context.addIssue({ code: 'custom', message: 'addressNeeded' })
  return z.NEVER
})
