import type { Db } from '@/db/client'

/** What a command answers: rows for programs as JSON, lines for people. `isWell` false: exit code 1. */
export type Answer = { rows: Record<string, unknown>[]; lines: string[]; isWell?: boolean }
export type Options = Record<string, string | boolean | undefined>

/** `runWithout`: while no database may be open. `tables`: where those of this build are not needed, whichever there are, or it brings them. */
export type Command = { usage: string; about: string; takesFile?: boolean } & (
  | { run: (db: Db, options: Options) => Promise<Answer>; tables?: 'any' | 'brings' }
  | { runWithout: (options: Options) => Promise<Answer> }
)

/** The answer of one row, and its lines for people. */
export const said = (row: Record<string, unknown>, ...lines: string[]): Answer => ({ rows: [row], lines })
