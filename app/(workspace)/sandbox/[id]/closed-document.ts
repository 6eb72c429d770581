/**
 * A message's HTML as a document of its own, for a frame with an empty `sandbox`: it may draw itself and nothing more.
 * The policy stands in the document as well, because a frame without an address inherits its parent's.
 */
export function closedDocument(html: string): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:`
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="color-scheme" content="light"><style>body{margin:16px;font:14px/1.5 system-ui,sans-serif}</style>${html}`
}
