const labels = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/
const numberAtEnd = /\.\d+$/

/** A domain of at least two labels, as punycode; null when it is none. Look-alike forms that would be folded into another name are none. */
export function domainToAscii(domain: string): string | null {
  const ascii = hostToAscii(domain)
  return ascii?.includes('.') && !numberAtEnd.test(ascii) ? ascii : null
}

/** A host name as punycode, in lower case; null when it is none. Works in the browser too. */
export function hostToAscii(host: string): string | null {
  if (host.length > 253) return null
  const ascii = /^[a-z0-9.-]+$/i.test(host) ? host.toLowerCase() : internationalHost(host)
  return ascii && ascii.length <= 253 && labels.test(ascii) ? ascii : null
}

function internationalHost(host: string): string | null {
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(host) || host.normalize('NFKC') !== host) return null
  try {
    return new URL(`http://${host}`).hostname
  } catch {
    return null
  }
}
