import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { commitGroup, type Described, type Written } from './commit-group'
import { forWriting } from './sqlite-connection'

/**
 * The one thread of a process that writes to SQLite. What comes in while it waits for the disk is its next commit, whoever
 * sent it, so nobody else ever waits for the disk and many share one wait.
 */
export type Request = { id: number; writes: Described[][] }
export type Response = { id: number; written: Written[]; commitMs: number } | { id: number; error: { message: string; code: string | null } }

const mostWrites = 500 // of one commit
const client = forWriting(new Database((workerData as { file: string }).file))
const waiting: { port: MessagePort; request: Request }[] = []
let isDue = false

parentPort?.on('message', (message: { port: MessagePort } | 'close') => {
  if (message === 'close') {
    client.close()
    process.exit()
  }
  const { port } = message
  port.on('message', (request: Request) => {
    waiting.push({ port, request })
    if (isDue) return
    isDue = true
    setImmediate(commit) // after everything else that has arrived by now
  })
})

function commit(): void {
  const group = nextGroup()
  isDue = waiting.length > 0
  if (isDue) setImmediate(commit)
  const beganAt = performance.now()
  try {
    const written = commitGroup(
      client,
      group.flatMap(({ request }) => request.writes),
    )
    const commitMs = performance.now() - beganAt
    for (const { port, request } of group) port.postMessage({ id: request.id, written: written.splice(0, request.writes.length), commitMs } satisfies Response)
  } catch (error) {
    const { message, code = null } = error as Error & { code?: string }
    for (const { port, request } of group) port.postMessage({ id: request.id, error: { message, code } } satisfies Response)
  }
}

function nextGroup() {
  let count = 0
  const end = waiting.findIndex(({ request }, i) => {
    count += request.writes.length
    return i > 0 && count > mostWrites
  })
  return waiting.splice(0, end < 0 ? waiting.length : end)
}
