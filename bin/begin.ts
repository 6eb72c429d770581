import { isStorageAway } from '@/db/is-storage-away'
import { lacksTables } from '@/db/lacks-tables'
import { WrongInstallation } from '@/lib/installation/mode'
import { WrongSettings } from '@/lib/setting/wrong-settings'

/** What a process needs before it begins. Where the operator can mend what is missing, the process ends with a sentence and no stack. */
export async function beginOrEnd<T>(begin: () => T | Promise<T>): Promise<T> {
  try {
    return await begin()
  } catch (error) {
    const sentence = sentenceFor(error)
    if (!sentence) throw error
    console.error(sentence)
    process.exit(1)
  }
}

/** What a person can mend, in words; null for what only its stack explains. */
export function sentenceFor(error: unknown): string | null {
  if (error instanceof WrongSettings || error instanceof WrongInstallation) return error.message
  if (lacksTables(error)) return 'The tables are missing. Run: npm run -s posthorn -- migrate'
  return isStorageAway(error) ? `The database cannot be used: ${reasonOf(error)}` : null
}

/** What the system or the server said: drizzle's own message around it is the query. */
function reasonOf(error: unknown): string {
  const { cause, message, code } = error as Error & { code?: string }
  return cause ? reasonOf(cause) : message || String(code) // a name with two addresses fails without a message
}
