import type { Db } from '@/db/client'
import { type Installation, installations } from '@/db/schema'
import { env } from '@/lib/env'

export type Mode = Installation['mode']

/**
 * What this installation is. Written when the database was made.
 * @throws Error when the environment now asks for the other: mail of a sandbox must not go out, nor that of a live one vanish
 */
export async function getMode(db: Db): Promise<Mode> {
  const [row] = await db.select({ mode: installations.mode }).from(installations)
  const mode = row?.mode ?? modeByEnvironment()
  if (mode !== modeByEnvironment()) {
    throw new Error(
      mode === 'live'
        ? 'This database is of a live installation, and RELAY_URL is not set. Set it, or start with another DATA_DIR.'
        : 'This database is of a sandbox, and RELAY_URL is set. Unset it, or start a live installation with another DATA_DIR.',
    )
  }
  return mode
}

export const modeByEnvironment = (): Mode => (env.relayUrl ? 'live' : 'sandbox')
