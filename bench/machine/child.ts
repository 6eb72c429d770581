import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const ticksPerSecond = 100 // USER_HZ of Linux on every machine we know

/** A process of this run. Only what was started here is ever ended. */
export type Child = {
  pid: number
  output: () => string
  stop(): Promise<void>
  ended: Promise<number | null>
  onOutput(listener: (text: string) => void): void
}

const running = new Set<ChildProcess>()

export function startChild(command: string, args: string[], env: Record<string, string> = {}): Child {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let said = ''
  const keep = (chunk: Buffer) => {
    said = (said + chunk.toString('latin1')).slice(-20_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<number | null>(resolve => {
    child.once('error', () => resolve(null))
    child.once('close', code => {
      running.delete(child)
      resolve(code)
    })
  })
  return {
    pid: child.pid ?? 0,
    output: () => said,
    ended,
    onOutput: listener => void child.stdout.on('data', (chunk: Buffer) => listener(chunk.toString('latin1'))),
    async stop() {
      child.kill('SIGTERM')
      const isOver = await Promise.race([ended.then(() => true), wait(15_000, false)])
      if (!isOver) child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs a TypeScript file of this bench and gives the JSON of its last line. */
export async function runScript<T>(file: string, options: unknown, env: Record<string, string> = {}, timeoutMs = 180_000): Promise<T> {
  const child = startChild(process.execPath, ['--import', 'tsx', `bench/client/${file}`, JSON.stringify(options)], env)
  const over = await Promise.race([child.ended, wait(timeoutMs, 'timeout' as const, { ref: false })])
  if (over !== 0) {
    if (over === 'timeout') await child.stop()
    throw new Error(`${file} ended with ${over}: ${child.output().trim().slice(-600)}`)
  }
  return JSON.parse(child.output().trim().split('\n').at(-1) ?? '') as T
}

export async function stopAll(): Promise<void> {
  const left = [...running]
  for (const child of left) child.kill('SIGTERM')
  await Promise.race([Promise.all(left.map(child => once(child, 'close'))), wait(5_000, undefined, { ref: false })])
  for (const child of left) child.kill('SIGKILL')
}

type Stat = { pid: number; parent: number; cpuSeconds: number }

/** Process times with those of children that ended, as /proc has them: CPU seconds of whole trees. */
export function cpuSecondsOf(pids: number[]): number {
  return treeOf(pids).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
}

/** Resident memory of whole trees in megabytes, and how many processes they are. Shared pages count once a process. */
export function memoryOf(pids: number[]): { megabytes: number; processes: number } {
  const tree = treeOf(pids)
  const kilobytes = tree.reduce((sum, { pid }) => sum + residentKilobytes(pid), 0)
  return { megabytes: Math.round(kilobytes / 1024), processes: tree.length }
}

function treeOf(pids: number[]): Stat[] {
  if (!existsSync('/proc/self/stat')) return []
  const all = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => statOf(Number(name)))
  const found = all.filter(({ pid }) => pids.includes(pid))
  for (const one of found) found.push(...all.filter(({ parent, pid }) => parent === one.pid && !found.some(known => known.pid === pid)))
  return found
}

function statOf(pid: number): Stat[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0)
    return [{ pid, parent: Number(fields[1]), cpuSeconds: ticks / ticksPerSecond }]
  } catch {
    return [] // it ended meanwhile
  }
}

function residentKilobytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** Whether something answers at this port within the time. */
export async function untilListening(port: number, timeoutMs = 90_000): Promise<boolean> {
  const end = Date.now() + timeoutMs
  while (Date.now() < end) {
    const isOpen = await new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return true
    await wait(50)
  }
  return false
}
