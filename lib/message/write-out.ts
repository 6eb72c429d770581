import * as base64 from 'nodemailer/lib/base64'
import * as qp from 'nodemailer/lib/qp'

/** What we need of nodemailer's. */
export type MimeTree = {
  content?: unknown
  boundary?: string | false
  multipart?: string | false
  childNodes: MimeTree[]
  getTransferEncoding(): string | false
  buildHeaders(): string
}

/**
 * The bytes of a MIME tree that nodemailer has made, headers and encodings included: what its own `build` gives, without the
 * streams, which cost more than all the rest of a small message. Quoted-printable may break a last line elsewhere. Every content must be a string or a Buffer.
 */
export function writeOut(root: MimeTree): Buffer {
  const parts: (string | Buffer)[] = []
  addNode(root, parts)
  const bytes = Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part)))
  return bytes.at(-1) === 10 ? bytes : Buffer.concat([bytes, lineEnd])
}

/** The same for one text under its headers, which end with their empty line. */
export function writeText(headers: string, text: string, encoding: string | false): Buffer {
  const body = encodedText(text, encoding)
  return Buffer.from(`${headers}${body}${body.endsWith('\n') ? '' : '\r\n'}`)
}

const lineEnd = Buffer.from('\r\n')

/** As its `stream` does, step by step (nodemailer/lib/mime-node). */
function addNode(node: MimeTree, parts: (string | Buffer)[]): void {
  const encoding = node.getTransferEncoding()
  parts.push(`${node.buildHeaders()}\r\n\r\n`) // it finds out whether the node is a multipart, and its boundary
  const content = node.content as string | Buffer | undefined
  if (content) parts.push(encoded(content, encoding))
  if (!node.multipart) return
  for (const [i, child] of node.childNodes.entries()) {
    parts.push(`${i > 0 ? '\r\n' : ''}--${node.boundary}\r\n`)
    addNode(child, parts)
  }
  parts.push(`\r\n--${node.boundary}--\r\n`)
}

function encoded(content: string | Buffer, encoding: string | false): string | Buffer {
  if (typeof content === 'string') return encodedText(content, encoding)
  return encoding === 'base64' || encoding === 'quoted-printable' ? wrapped(content, encoding) : content
}

const encodedText = (text: string, encoding: string | false) =>
  encoding === 'base64' || encoding === 'quoted-printable' ? wrapped(text, encoding) : inCrLf(text)

const wrapped = (content: string | Buffer, encoding: 'base64' | 'quoted-printable') =>
  encoding === 'base64' ? base64.wrap(base64.encode(content), 76) : inCrLf(qp.wrap(qp.encode(content), 76))

const inCrLf = (text: string) => (text.includes('\r') ? text.replace(/\r?\n/g, '\r\n') : text.replaceAll('\n', '\r\n'))
