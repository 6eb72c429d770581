import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '@/lib/testing/free-port'
import { instant } from '../client/letter'
import { startChild, untilListening } from './child'

const sinkProgram = ['/usr/sbin/smtp-sink', '/usr/local/sbin/smtp-sink'].find(file => existsSync(file))
export const sourceProgram = ['/usr/sbin/smtp-source', '/usr/local/sbin/smtp-source'].find(file => existsSync(file))

export type Sink = {
  port: number
  name: string
  count: () => number
  firstAt: () => number
  lastAt: () => number
  restart(): void
  until(count: number, timeoutMs?: number): Promise<boolean>
  stop(): Promise<void>
}

/** The server that takes everything: Postfix's smtp-sink, or a plain one of ours where that is not installed. */
export async function startSink(): Promise<Sink> {
  const port = await freePort()
  const asRoot = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = sinkProgram
    ? startChild(sinkProgram, [...asRoot, '-c', `127.0.0.1:${port}`, '1000'])
    : startChild(process.execPath, ['--import', 'tsx', 'bench/client/plain-sink.ts', JSON.stringify({ port })])
  let [total, base, firstAt, lastAt] = [0, 0, 0, 0]
  child.onOutput(text => {
    const count = Number(/mesg=(\d+)(?!.*mesg=\d)/s.exec(text)?.[1] ?? total)
    if (count === total) return
    if (total === base) firstAt = instant()
    total = count
    lastAt = instant()
  })
  if (!(await untilListening(port))) throw new Error(`the sink did not start: ${child.output()}`)
  return {
    port,
    name: sinkProgram ? 'smtp-sink' : 'a plain sink of ours',
    count: () => total - base,
    firstAt: () => firstAt,
    lastAt: () => lastAt,
    restart: () => {
      base = total
    },
    async until(count, timeoutMs = 120_000) {
      const end = Date.now() + timeoutMs
      while (total - base < count && Date.now() < end) await wait(5)
      return total - base >= count
    },
    stop: () => child.stop(),
  }
}
