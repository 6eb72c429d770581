import { once } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { threadFile } from '../lib/thread-file'
import type { Described, Written } from './commit-group'
import type { Response } from './writer-thread'

/** Where this thread hands its writes to; what is handed over together stands in one commit. */
export type Writer = { write(writes: Described[][]): Promise<{ written: Written[]; commitMs: number }> }

type WriterThread = {
  /** For another thread of this process, which makes a `writerOver` of it. */
  newPort(): MessagePort
  /** After the last write was answered. */
  close(): Promise<void>
}

/** Starts the thread that writes to SQLite for this process. The process does not outlive it: what it had taken over has no answer. */
export async function startWriterThread(file: string): Promise<WriterThread> {
  const thread = new Worker(threadFile('db/writer-thread'), { workerData: { file }, resourceLimits: { maxYoungGenerationSizeMb: 6 } }) // it holds what it was handed, and nothing longer
  thread.on('error', error => {
    console.error('the thread that writes to the database broke', error)
    process.exit(1)
  })
  await once(thread, 'online')
  return {
    newPort() {
      const { port1, port2 } = new MessageChannel()
      thread.postMessage({ port: port2 }, [port2])
      return port1
    },
    async close() {
      thread.postMessage('close')
      await once(thread, 'exit')
    },
  }
}

type Waiting = { resolve: (answer: { written: Written[]; commitMs: number }) => void; reject: (error: Error) => void }

/** The writer at the other end of a port. What it refuses is thrown with SQLite's `code`. */
export function writerOver(port: MessagePort): Writer {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  port.on('message', (response: Response) => {
    const asked = waiting.get(response.id)
    waiting.delete(response.id)
    if (waiting.size === 0) port.unref()
    if ('error' in response) asked?.reject(Object.assign(new Error(response.error.message), { code: response.error.code }))
    else asked?.resolve(response)
  })
  port.unref() // only who waits for an answer keeps the process
  return {
    write: writes =>
      new Promise((resolve, reject) => {
        waiting.set(++lastId, { resolve, reject })
        if (waiting.size === 1) port.ref()
        port.postMessage({ id: lastId, writes })
      }),
  }
}
