import PostalMime, { type Email } from 'postal-mime'

const mostDelimiters = 500
const mostShortLines = 100_000
const shortLine = 60 // bytes; those of a file in base64 are longer
const [lineFeed, dash] = [10, 45]
const endOfHeader = Buffer.from('\r\n\r\n')
const mostHeaderBytes = 1024 * 1024 // of more than two megabytes the parser reads nothing

/**
 * A message that came as bytes, to be shown. Every part of it costs the parser as much as kilobytes of text do, and two
 * megabytes hold 200 000 empty ones: what stands behind the first 500 lines that may part it (RFC 2046 section 5.1.1), or
 * behind 100 000 short ones, is left out. A message that hangs on another is one file: an encoding may hide its parts. Of one whose parts
 * are nested deeper than the parser goes, or have megabytes of header, its own header is shown alone.
 */
export async function parseMime(raw: Buffer): Promise<Email> {
  try {
    return await parse(startOf(raw))
  } catch {
    return parse(raw.subarray(0, Math.min(mostHeaderBytes, Math.max(raw.indexOf(endOfHeader), 0))))
  }
}

const parse = (raw: Buffer): Promise<Email> => PostalMime.parse(new Uint8Array(raw), { forceRfc822Attachments: true })

function startOf(raw: Buffer): Buffer {
  let [start, delimiters, shortLines] = [0, 0, 0]
  for (let end = raw.indexOf(lineFeed); end >= 0; end = raw.indexOf(lineFeed, start)) {
    if (raw[start] === dash && raw[start + 1] === dash && ++delimiters > mostDelimiters) return raw.subarray(0, start)
    if (end - start < shortLine && ++shortLines > mostShortLines) return raw.subarray(0, start)
    start = end + 1
  }
  return raw
}
