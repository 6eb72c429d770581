import { expect, test } from 'vitest'
import { isStorageAway } from './is-storage-away'

test.each([
  ['a key that is there already', Object.assign(new Error('duplicate key'), { code: '23505', severity: 'ERROR' }), false],
  ['a statement that is wrong', Object.assign(new Error('no such column'), { code: 'SQLITE_ERROR' }), false],
  ['the same on SQLite', Object.assign(new Error('UNIQUE constraint failed'), { code: 'SQLITE_CONSTRAINT_UNIQUE' }), false],
  ['what is no error', 'SQLITE_FULL', false],
  ['a server that starts up', Object.assign(new Error('starting up'), { code: '57P03', severity: 'FATAL' }), true],
  ['a connection that ended', new Error('Connection terminated unexpectedly'), true],
  ['a disk that does not read, wrapped', new Error('Failed query', { cause: Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' }) }), true],
])('%s', (_what, error, isAway) => {
  expect(isStorageAway(error)).toBe(isAway)
})
