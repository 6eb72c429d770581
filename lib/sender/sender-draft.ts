import type { Db } from '@/db/client'
import type { Card } from '@/db/schema'
import { Refusal } from '@/lib/errors'
import { getMode } from '@/lib/installation/mode'
import { parseAddress } from './address'
import { nothingChosen, type SenderValues } from './route-facts'
import type { SenderInput } from './sender.form'
import { tlsForPort } from './server-field'
import { parseTypedServer } from './typed-server'

/** Values as typed, parsed but not yet saved. `password` null: none was typed. */
export type SenderDraft = { values: SenderValues; password: string | null }

/**
 * Reads what was typed into the fields of the chosen sender; fields of the others do not count.
 * @throws Refusal at `server` or `username` for what is neither empty nor one
 */
export async function parseSenderInput(db: Db, card: Pick<Card, 'email'>, input: SenderInput): Promise<SenderDraft> {
  const { choice, authorIsLogin } = input
  if (choice === 'microsoft365') return { values: { ...nothingChosen, choice, authorIsLogin, username: microsoftName(card, input) }, password: null }
  if (choice !== 'smtp') return { values: { ...nothingChosen, choice, authorIsLogin }, password: null }
  const username = input.username.trim() || null
  return { values: { choice, authorIsLogin, username, ...(await parseOwnServer(db, input)) }, password: input.password || null }
}

async function parseOwnServer(db: Db, { server, tls }: SenderInput) {
  if (server.trim() === '') return { host: null, port: null, tls: null }
  const { host, port } = parseTypedServer(server, await getMode(db))
  return { host, port, tls: tls || tlsForPort(port) }
}

/** Offered to Microsoft as the sign-in name; empty, it is the card's e-mail. */
function microsoftName({ email }: Pick<Card, 'email'>, { username }: SenderInput): string | null {
  const typed = username.trim()
  if (typed === '') return email
  try {
    return parseAddress(typed)
  } catch (error) {
    throw error instanceof Refusal ? error.at('username') : error
  }
}
