const onServerOnly = new Set(['help', 'login', 'setup', 'sandbox', 'refusal'])

/** The messages a browser may need. Long texts that only the server renders stay there. */
export function clientMessages<Messages extends Record<string, unknown>>(messages: Messages): Partial<Messages> {
  return Object.fromEntries(Object.entries(messages).filter(([namespace]) => !onServerOnly.has(namespace))) as Partial<Messages>
}
