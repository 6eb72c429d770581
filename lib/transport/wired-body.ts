const [CR, LF, DOT] = [13, 10, 46]

/**
 * The bytes of a message as they go over the wire after DATA, the final dot not included: every line ends with CR LF and a
 * dot at its start is doubled (RFC 5321 section 4.5.2). A lone CR or LF becomes a line end too: some servers take `LF . LF`
 * for the end of the data, and what follows for another message.
 */
export function wiredBody(raw: Buffer): { bytes: Buffer; has8bit: boolean } {
  let [changes, bits, previous] = [0, 0, LF]
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at] as number
    bits |= byte
    if (byte <= DOT || previous === CR) {
      if (byte === LF) changes += previous === CR ? 0 : 1
      else if (previous === CR) changes++
      if (byte === DOT && (previous === LF || previous === CR)) changes++
    }
    previous = byte
  }
  const has8bit = bits > 127
  const endsWithLine = raw.length > 1 && raw[raw.length - 1] === LF
  if (changes === 0 && endsWithLine && previous === LF) return { bytes: raw, has8bit }
  return { bytes: rewritten(raw), has8bit }
}

function rewritten(raw: Buffer): Buffer {
  const out = Buffer.allocUnsafe(raw.length * 2 + 2)
  let [length, isLineStart] = [0, true]
  const endLine = () => {
    out[length++] = CR
    out[length++] = LF
    isLineStart = true
  }
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at] as number
    if (byte === CR) {
      if (raw[at + 1] === LF) at++
      endLine()
    } else if (byte === LF) endLine()
    else {
      if (isLineStart && byte === DOT) out[length++] = DOT
      out[length++] = byte
      isLineStart = false
    }
  }
  if (!isLineStart) endLine()
  return out.subarray(0, length)
}
