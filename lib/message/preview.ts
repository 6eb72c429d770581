import sanitizeHtml from 'sanitize-html'
import type { Db } from '@/db/client'
import { findContent, findRaw } from './body-of'
import { parseMime } from './parse-mime'

export type Preview = { text: string; attachments: { filename: string; sizeBytes: number }[] }

const previewLength = 10_000
const htmlLooked = 200_000 // characters: as much as a preview ever takes of it

/** What was written, as far as it is shown: the beginning of the text, of an HTML alone what can be read of it, and what hangs on it. */
export async function previewOf(db: Db, messageId: string): Promise<Preview> {
  const content = await findContent(db, messageId)
  if (content) {
    const attachments = content.attachments.map(({ filename, sizeBytes }) => ({ filename: filename ?? '', sizeBytes }))
    return { text: textOf(content), attachments }
  }
  const raw = await findRaw(db, messageId)
  return raw ? previewOfBytes(raw) : { text: '', attachments: [] }
}

async function previewOfBytes(raw: Buffer): Promise<Preview> {
  const { text = '', html = null, attachments } = await parseMime(raw)
  const files = attachments.map(({ filename, content }) => ({
    filename: filename ?? '',
    sizeBytes: typeof content === 'string' ? content.length : content.byteLength,
  }))
  return { text: textOf({ text, html }), attachments: files }
}

const textOf = ({ text, html }: { text: string; html: string | null }) => (text.trim() || readable(html ?? '')).slice(0, previewLength)

const lines = ['p', 'div', 'br', 'hr', 'tr', 'li', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'table', 'ul', 'ol', 'section', 'header', 'footer']
const endOfLine = new RegExp(`<(?:br|hr)[^>]*>|</(?:${lines.join('|')})>`, 'g')
const signs: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' }

/** The words of an HTML, line by line. What comes out of sanitizeHtml has no tags but those named, and no signs but escaped ones. */
function readable(html: string): string {
  const kept = sanitizeHtml(html.slice(0, htmlLooked), {
    allowedTags: [...lines, 'td', 'th'],
    allowedAttributes: {},
    nonTextTags: ['script', 'style', 'textarea', 'option', 'noscript', 'title'],
    textFilter: text => text.replace(/\s+/g, ' '),
  })
  return kept
    .replace(endOfLine, '\n')
    .replace(/<\/t[dh]>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:lt|gt|quot|amp);/g, sign => signs[sign] ?? sign)
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
