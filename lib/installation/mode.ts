import type { Db } from '@/db/client'
import { type Installation, installations } from '@/db/schema'
import { env } from '@/lib/env'

export type Mode = Installation['mode']

/** This process and this database do not belong together; its message says why, and nothing that is secret. */
export class WrongInstallation extends Error {}

/**
 * What this installation is. Written when the database was prepared: an environment that lacks RELAY_URL must not turn a live one
 * into a sandbox, which swallows its mail.
 * @throws WrongInstallation when nobody has prepared the database; when the environment now asks for the other: mail of a sandbox must not go out, nor that of a live one vanish
 */
export async function getMode(db: Db): Promise<Mode> {
  const [row] = await db.select({ mode: installations.mode }).from(installations)
  if (!row) throw new WrongInstallation('This database was never prepared, so nothing says what it is. Run: posthorn migrate')
  const { mode } = row
  if (mode !== modeByEnvironment()) {
    throw new WrongInstallation(
      mode === 'live'
        ? 'This database is of a live installation, and RELAY_URL is not set. Set it, or start with another DATA_DIR.'
        : 'This database is of a sandbox, and RELAY_URL is set. Unset it, or start a live installation with another DATA_DIR.',
    )
  }
  return mode
}

/** What the environment asks for, whatever the database is; `getMode` is what there is. */
export const modeByEnvironment = (): Mode => (env.relayUrl ? 'live' : 'sandbox')
