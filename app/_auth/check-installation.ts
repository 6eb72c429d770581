import { getDb } from '@/db/client'
import { getMode } from '@/lib/installation/installation'
import { log } from '@/lib/log'

/** Ends this process when it cannot serve: a Next whose `register` throws would stay up and answer 500. */
export async function checkInstallation(): Promise<void> {
  try {
    await getMode(getDb())
  } catch (error) {
    log.fatal({ err: error }, 'web cannot start')
    process.exit(1)
  }
}
