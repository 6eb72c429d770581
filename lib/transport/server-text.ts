import { cutText } from '@/lib/cut-text'
import type { Reply } from './conversation'
import { hiddenSecret } from './conversation'
import type { Login } from './submission'
import { xoauth2 } from './xoauth2'

const maxReplyLength = 2048
const maxLineLength = 998

/** What a stranger's machine said, fit to be shown: control characters, terminal escapes and direction marks become visible signs. */
export const visible = (text: string, maxLength = maxLineLength): string => {
  const shown = isPlain(text) ? text : text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, sign)
  return shown.length > maxLength ? `${cutText(shown, maxLength - 1)}…` : shown
}

/** Most of what servers say is, and a look into Unicode's tables costs more than all the rest of a reply. */
const isPlain = (text: string) => !/[^\x20-\x7e]/.test(text)

const sign = (character: string) => {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code) // ␀ to ␟
  if (code === 0x7f) return '␡'
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}

/** Takes every form in which the secrets of a sign-in travel out of a text, whoever said it. */
export function secretHider(login: Login | null): (text: string) => string {
  return login ? hiderOf(secretsOf(login)) : text => text
}

function secretsOf(login: Login): string[] {
  const { username } = login
  if ('accessToken' in login) return [login.accessToken, xoauth2(login)]
  return [login.password, `\0${username}\0${login.password}`, `${username}\0${username}\0${login.password}`]
}

/** A password of one to three characters is part of half the words there are: it is hidden where it stands by itself, as in `for anna: abc.`. */
const tooShortWithinWords = 4
const letter = '[\\p{L}\\p{N}]'

function hiderOf(secrets: string[]): (text: string) => string {
  const forms = secrets.flatMap(text => {
    const bytes = Buffer.from(text)
    const base64 = bytes.toString('base64')
    return [text, base64, base64.replace(/=+$/, ''), bytes.toString('base64url'), bytes.toString('hex'), encodeURIComponent(text)]
  })
  const longestFirst = [...new Set(forms)].filter(Boolean).sort((a, b) => b.length - a.length)
  const patterns = longestFirst.map(text => {
    const escaped = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    return text.length < tooShortWithinWords ? `(?<!${letter}|${letter}[.@_-])${escaped}(?!${letter}|[.@_-]${letter})` : escaped
  })
  const pattern = new RegExp(patterns.join('|'), 'gu')
  return text => text.replace(pattern, hiddenSecret)
}

/** A reply of one or many lines, `250-…` included; null when it is not shaped like a reply. */
export function parseReply(raw: string, hide: (text: string) => string): Reply | null {
  const lines = raw.includes('\n') ? raw.split(/\r?\n/) : [raw]
  const code = /^(\d{3})(?:[ -]|$)/.exec(lines[0] ?? '')?.[1]
  if (!code) return null
  const texts = lines.map(line => line.replace(/^\d{3}(?:[ -]|$)/, ''))
  const enhancedStatus = /^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(texts[0] ?? '')?.[1] ?? null
  const text = texts.map(line => (enhancedStatus && line.startsWith(enhancedStatus) ? line.slice(enhancedStatus.length).trim() : line.trim())).join('\n')
  const shown = hide(text)
    .split('\n')
    .map(line => visible(line))
    .join('\n')
  return { code: Number(code), enhancedStatus, text: cutText(shown, maxReplyLength) }
}
