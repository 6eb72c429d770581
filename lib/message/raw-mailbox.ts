import type { Mailbox } from '@/lib/sender/route'

/**
 * The address of a header field that names exactly one mailbox, by the strict grammar of RFC 5322 section 3.4; null when it
 * names none or several, or is written so that two readers could see two authors in it. Beyond the grammar only the address itself
 * may stand where its name would, as many devices and programs write it.
 */
export function onlyMailboxOf(value: string): { name: string; address: string } | null {
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) return null
  const bare = withoutComments(value)?.trim()
  if (bare === undefined) return null
  const withName = /^((?:"(?:[^"\\]|\\.)*"|[^"<>@,:;()[\]\\])*)<([^<>"\s,:;()]+)>$/.exec(bare)
  if (withName) return { name: plainName(withName[1] ?? ''), address: withName[2] ?? '' }
  const doubled = /^([^<>"\s,:;()]+)[ \t]*<([^<>"\s,:;()]+@[^<>"\s,:;()@]+)>$/.exec(bare)
  if (doubled && doubled[1]?.toLowerCase() === doubled[2]?.toLowerCase()) return { name: doubled[1] ?? '', address: doubled[2] ?? '' }
  return /^[^<>"\s,:;()]+@[^<>"\s,:;()@]+$/.test(bare) ? { name: '', address: bare } : null
}

/** Comments in brackets may nest, and may stand wherever a blank may; null when they do not close. */
function withoutComments(value: string): string | null {
  if (!value.includes('(')) return value.includes(')') && !value.includes('"') ? null : value
  let [out, depth, isQuoted] = ['', 0, false]
  for (let at = 0; at < value.length; at++) {
    const character = value[at] as string
    if (character === '\\') {
      if (depth === 0) out += value.slice(at, at + 2)
      at++
    } else if (character === '"' && depth === 0) {
      isQuoted = !isQuoted
      out += character
    } else if (character === '(' && !isQuoted) depth++
    else if (character === ')' && !isQuoted) {
      if (--depth < 0) return null
    } else if (depth === 0) out += character
  }
  return depth === 0 && !isQuoted ? out : null
}

const plainName = (name: string) => name.trim().replace(/^"|"$/g, '').replace(/\\(.)/g, '$1')

/** All that looks like an address in a list of recipients: enough to tell To from Cc from neither. In time that grows with the length alone. */
export const addressesIn = (value: string): string[] =>
  value
    .split(/[\s<>,;:"()]+/)
    .filter(word => /.@./.test(word))
    .map(address => address.toLowerCase())

/** A mailbox as a header field has it: ASCII names quoted, others in encoded words (RFC 2047). */
export function mailboxField({ name, address }: Mailbox): string {
  if (name === '') return `<${address}>`
  if (/^[\x20-\x7e]*$/.test(name)) return `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`
  const words: string[] = []
  let word = ''
  for (const character of name) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word)
      word = ''
    }
    word += character
  }
  const encoded = [...words, word].map(part => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`)
  return `${encoded.join('\r\n ')} <${address}>`
}
