import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export type LogLine = { level: number; event?: string; msg: string; [fact: string]: unknown }

/** What an engine in a process of its own logs while it keeps house over so many days; `dataDir`: a folder for its database. */
export async function logOfHousekeeping(
  dayCount: number,
  { dataDir, environment }: { dataDir: string; environment: Record<string, string> },
): Promise<LogLine[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'lib/testing/housekeeping-process.ts', String(dayCount)], {
    env: { ...process.env, DATA_DIR: dataDir, DATABASE_URL: '', LOG_LEVEL: 'info', ...environment },
  })
  const lines = stdout.trim().split('\n').filter(Boolean)
  return lines.map(line => JSON.parse(line) as LogLine)
}
