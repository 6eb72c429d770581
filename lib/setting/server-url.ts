import { WrongSettings } from './wrong-settings'

/**
 * Reads a URL with a password in it, such as `smtps://user:password@host`. What it throws does not show the URL: the error of
 * `new URL` holds all of it, and whoever is thrown an error prints it.
 * @throws WrongSettings also when what was read ends in the middle of a password: `user:12/34@host` is a URL of the host `user`
 */
export function parseServerUrl(variable: string, text: string): URL {
  if (!URL.canParse(text)) throw notPercentEncoded(variable)
  const url = new URL(text)
  const isCutOff = url.hash !== '' || url.pathname.includes('@') || (url.search.includes('@') && url.pathname.length < 2)
  if (isCutOff) throw notPercentEncoded(variable)
  return url
}

/** User name or password of a URL. */
export function decodePart(variable: string, encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    throw new WrongSettings(`${variable} has a % that stands for itself; write it as %25`)
  }
}

const notPercentEncoded = (variable: string) => new WrongSettings(`${variable} is not a URL; write / ? @ # : % in its password percent-encoded`)
