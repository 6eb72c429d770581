import * as mimeFuncs from 'nodemailer/lib/mime-funcs'
import MimeNode from 'nodemailer/lib/mime-node'
import type { Letter } from './compose-message'
import { rfcDate } from './rfc-date'
import { type MimeTree, writeText } from './write-out'

/** What To says where nobody is named (RFC 5322, A.1.3): without it some servers take a message for spam, or write a To of their own. */
export const undisclosed = 'Undisclosed recipients:;'

const type = 'text/plain; charset=utf-8'
const mostLooked = 128 * 1024 // nodemailer looks no further
const encoder = new MimeNode(type) // of single values; it keeps none

/**
 * The bytes of a letter of text alone, byte for byte those of its MIME tree. What a value is not by itself already nodemailer
 * makes of it; most names, addresses and subjects are, and asking costs more than all the rest of a small message. Null: not
 * such a letter.
 */
export function writePlain({ from, to, cc, replyTo, subject, text, html, attachments = [], headers = [], rfcMessageId, date }: Letter): Buffer | null {
  if (text === '' || html || attachments.length > 0 || headers.length > 0) return null
  const encoding = encodingOf(text)
  const lines = [
    line('From', from.name === '' ? addressed(from.address) : named(from)),
    line('To', to.length + cc.length > 0 ? listed('To', to) : undisclosed),
    line('Cc', listed('Cc', cc)),
    line('Reply-To', replyTo ? listed('Reply-To', [replyTo]) : ''),
    line('Subject', isItself(subject) ? subject : encoded('Subject', subject)),
    line('Message-ID', `<${rfcMessageId}>`),
    line('Date', rfcDate(date)),
    line('Content-Transfer-Encoding', encoding || ''),
    line('MIME-Version', '1.0'),
    line('Content-Type', type),
  ]
  return writeText(`${lines.join('')}\r\n`, text, encoding)
}

function encodingOf(text: string): string | false {
  if (mimeFuncs.isPlainText(text) && hasShortLines(text)) return '7bit'
  return (new MimeNode(type, { baseBoundary: 'none' }).setContent(text) as unknown as MimeTree).getTransferEncoding()
}

/** For those that certainly have: asked of nodemailer it is a search with a regular expression made anew. */
function hasShortLines(text: string): boolean {
  if (text.length > mostLooked || text.includes('\r')) return false
  for (let begin = 0, end = 0; end >= 0; begin = end + 1) {
    end = text.indexOf('\n', begin)
    if ((end < 0 ? text.length : end) - begin > 76) return false
  }
  return true
}

const line = (key: string, value: string) => {
  if (value.trim() === '') return ''
  const whole = `${key}: ${value}`
  return `${whole.length < 76 ? whole : mimeFuncs.foldLines(whole, 76)}\r\n`
}

const encoded = (key: string, value: unknown) => encoder.encodeHeaderValue(key, value as string)

const isItself = (text: string) => /^[\x20-\x7e]*$/.test(text) && !text.includes('=?')

/** A dot-atom at a domain of letters: nothing to quote, to translate or to lower (RFC 5322, 3.4.1). */
const plainAddress = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]+$/
const isPlainAddress = (address: string) => plainAddress.test(address) && !address.includes('xn--')

const addressed = (address: string) => (isPlainAddress(address) ? address : encoded('From', { name: '', address }))

const named = (from: Letter['from']) =>
  /^\w(?:[\w ]*\w)?$/.test(from.name) && isPlainAddress(from.address) ? `${from.name} <${from.address}>` : encoded('From', { ...from })

const listed = (key: string, addresses: string[]) => (addresses.every(isPlainAddress) ? addresses.join(', ') : encoded(key, addresses))
