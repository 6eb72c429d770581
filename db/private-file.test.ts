import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { isPostgres } from '@/lib/testing/database'
import { closeDb, openSqlite } from './client'

test.skipIf(isPostgres)('a database is for its own user only, in whatever folder, and one that others could read is closed to them', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-private-'))
  const file = path.join(folder, 'posthorn.db')
  const umask = process.umask(0o022)
  try {
    chmodSync(folder, 0o755)
    for (const round of ['made', 'made readable by somebody']) {
      const db = openSqlite(file)
      db.$client.exec('create table if not exists letter (text text)')
      db.$client.exec(`insert into letter values ('x')`)
      for (const end of ['', '-wal', '-shm']) expect(statSync(file + end).mode & 0o777, `${round}: ${end}`).toBe(0o600)
      await closeDb(db)
      chmodSync(file, 0o644)
    }
  } finally {
    process.umask(umask)
    rmSync(folder, { recursive: true, force: true })
  }
})
