const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** A domain of at least two labels, as punycode; null when it is none. Look-alike forms that would be folded into another name are none. */
export function domainToAscii(domain: string): string | null {
  const ascii = hostToAscii(domain)
  const labels = ascii?.split('.') ?? []
  return ascii && labels.length > 1 && !/^\d+$/.test(labels.at(-1) ?? '') ? ascii : null
}

/** A host name as punycode, in lower case; null when it is none. Works in the browser too. */
export function hostToAscii(host: string): string | null {
  if (host.length > 253 || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(host) || host.normalize('NFKC') !== host) return null
  const ascii = /^\p{ASCII}+$/u.test(host) ? host.toLowerCase() : urlHost(host)
  return ascii && ascii.length <= 253 && ascii.split('.').every(part => label.test(part)) ? ascii : null
}

function urlHost(host: string): string | null {
  try {
    return new URL(`http://${host}`).hostname
  } catch {
    return null
  }
}
