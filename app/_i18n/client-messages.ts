const everywhere = new Set(['frame', 'state'])
const onServerOnly = new Set(['help', 'helpMicrosoft', 'login', 'setup', 'sandbox', 'refusal', 'door', 'apiDocs'])

type Messages = Record<string, unknown>

const pick = <All extends Messages>(messages: All, isWanted: (namespace: string) => boolean) =>
  Object.fromEntries(Object.entries(messages).filter(([namespace]) => isWanted(namespace))) as Partial<All>

/** What the browser needs on every page, the public ones too. */
export const frameMessages = <All extends Messages>(messages: All) => pick(messages, namespace => everywhere.has(namespace))

/** What it may need in the workspace. Long texts that only the server renders stay there. */
export const workspaceMessages = <All extends Messages>(messages: All) => pick(messages, namespace => !onServerOnly.has(namespace))
