import { readSettings } from './setting/read-settings'
import { WrongSettings } from './setting/wrong-settings'

/** The environment, read once. A process that is set up wrong ends here, whichever it is, and says why in a line for each setting. */
export const env = readOrEnd()

function readOrEnd(): ReturnType<typeof readSettings> {
  try {
    return readSettings(process.env)
  } catch (error) {
    if (!(error instanceof WrongSettings)) throw error
    console.error(error.message) // there is no log yet: its level is a setting
    process.exit(1)
  }
}

/** The environment of a program that is not ours: this process's own, with `others` in it, or without what they say is undefined. */
export const environmentWith = (others: Record<string, string | undefined>): NodeJS.ProcessEnv => ({ ...process.env, ...others })
