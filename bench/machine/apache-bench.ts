import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bodyOf } from '../client/letter'
import { startChild } from './child'

/**
 * ApacheBench, of Debian's apache2-utils: what hands mail to Postfix here, smtp-source, is a small C program, and on two cores
 * a client of ours takes a fifth of what it measures. It sends one and the same message again and again.
 */
export const apacheBench = ['/usr/bin/ab', '/usr/local/bin/ab'].find(file => existsSync(file))

type Wanted = { port: number; key: string; users: string[]; to: string; count: number; connections: number; bytes: number }

/** How long it took until the last answer. @throws Error when not all of it was taken */
export async function handOver(program: string, { port, key, users: [user], to, count, connections, bytes }: Wanted): Promise<{ ms: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-bench-ab-'))
  const file = path.join(folder, 'message.json')
  writeFileSync(file, JSON.stringify({ from_user: user, to: [to], subject: 'Invoice', text: bodyOf(bytes), kind: 'document' }))
  const load = ['-n', String(count), '-c', String(connections), '-k', '-l', '-q']
  const request = ['-p', file, '-T', 'application/json', '-H', `Authorization: Bearer ${key}`, `http://127.0.0.1:${port}/api/v1/messages`]
  try {
    const child = startChild(program, [...load, ...request])
    const code = await child.ended
    const found = (name: string) => Number(new RegExp(`${name}:\\s+([\\d.]+)`).exec(child.output())?.[1] ?? 0)
    if (code !== 0 || found('Complete requests') !== count || found('Failed requests') > 0 || found('Non-2xx responses') > 0) {
      throw new Error(`ab: ${child.output().replaceAll(key, '…')}`)
    }
    return { ms: found('Time taken for tests') * 1000 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
