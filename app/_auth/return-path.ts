/** Where everybody begins: their card says whether mail goes out, and if not why. */
export const firstPath = '/settings/user'

/** The page wanted before signing in, when it is one of ours; a full address or `//host` is not. */
export const returnPath = (wanted: string | null | undefined): string =>
  wanted && /^\/(?![/\\])[\x21-\x7e]*$/.test(wanted) && wanted !== '/' ? wanted : firstPath

/** The sign-in, which leads on to `wanted` where that is a page of ours. */
export const signInPath = (wanted: string | null | undefined): string => {
  const path = returnPath(wanted)
  return path === firstPath ? '/login' : `/login?next=${encodeURIComponent(path)}`
}
