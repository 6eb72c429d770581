import { isStorageAway } from '@/db/is-storage-away'
import { lacksTables } from '@/db/lacks-tables'
import { WrongInstallation } from '@/lib/installation/mode'
import { WrongSettings } from '@/lib/setting/wrong-settings'

/** What a process needs before it begins. It ends with a sentence and no stack where the operator can mend what is missing. */
export async function beginOrEnd<T>(begin: () => T | Promise<T>): Promise<T> {
  try {
    return await begin()
  } catch (error) {
    console.error(sentenceFor(error) ?? error)
    process.exit(1) // here: Next would catch what is thrown, and let the process end as if all were well
  }
}

/** What a person can mend, in words; null for what only its stack explains. */
export function sentenceFor(error: unknown): string | null {
  if (error instanceof WrongSettings || error instanceof WrongInstallation) return error.message
  if (lacksTables(error)) return 'The tables are missing. Run: npm run -s posthorn -- migrate'
  if (isOfFiles(error)) return `DATA_DIR, or a file that was named, cannot be used: ${(error as Error).message}`
  return isStorageAway(error) ? `The database cannot be used: ${reasonOf(error)}` : null
}

/** This user may not write there, or what should be a folder is none. */
function isOfFiles(error: unknown): boolean {
  const { code = '', path } = error as NodeJS.ErrnoException
  return path !== undefined && ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST'].includes(code)
}

/** What the system or the server said: drizzle's own message around it is the query. */
function reasonOf(error: unknown): string {
  const { cause, message, code } = error as Error & { code?: string }
  return cause ? reasonOf(cause) : message || String(code) // a name with two addresses fails without a message
}
