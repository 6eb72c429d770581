/** Of the system: no way to the server, or no room on the disk. */
const ofSystem = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ENOSPC'])

/** SQLite's primary result codes, extended ones begin with them (sqlite.org/rescode.html). */
const ofSqlite = /^SQLITE_(BUSY|FULL|IOERR|CANTOPEN|READONLY)/

/**
 * PostgreSQL's classes: connection exception, insufficient resources, operator intervention, system error; and a server that takes no
 * writes since it is no longer the first, and one that has undone a write so that another could go on, more often than it is asked again
 * at once (postgresql.org/docs/current/errcodes-appendix.html).
 */
const ofPostgres = /^(08|53|57|58|25006|40001|40P01|55P03)/

/** Of TLS: a server whose certificate is over, or of nobody we trust (nodejs.org/api/tls.html#x509-certificate-error-codes). */
const ofTls = /^(CERT_|UNABLE_TO_|ERR_TLS_|SELF_SIGNED_CERT_|DEPTH_ZERO_)/

/** Errors of node-postgres that carry no code: a connection that ended, one asked for something after that, none to be had, none with TLS. */
const ofNodePostgres = /^Connection terminated|^Client .*not queryable$|^timeout exceeded when trying to connect$|^The server does not support SSL/

/**
 * Whether a write or a read failed because the database cannot be reached or has no room, and not because of what was asked:
 * later the same may well work. A write that failed so may have been stored all the same when only its answer was lost.
 */
export function isStorageAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code = '', severity } = error as Error & { code?: string; severity?: string }
  if (severity === 'FATAL' || ofSystem.has(code) || ofSqlite.test(code) || ofTls.test(code) || (severity !== undefined && ofPostgres.test(code))) return true
  if (ofNodePostgres.test(error.message)) return true
  return isStorageAway(error.cause) // drizzle wraps what the driver throws
}
