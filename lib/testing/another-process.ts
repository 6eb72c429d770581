import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { env } from '@/lib/env'

/** Another process on the database of this test, started and ready to queue one document of a card. */
export async function anotherProcess(cardId: string, to: string): Promise<AsyncDisposable & { queue(): Promise<void> }> {
  const url = env.database.dialect === 'postgres' ? env.database.url : env.database.file
  const child = fork(path.resolve('lib/testing/queue-process.ts'), [cardId, to], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, DATABASE_URL: url, LOG_LEVEL: 'error', POSTHORN_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}` },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  return {
    async queue() {
      child.send('go')
      await once(child, 'message')
    },
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
