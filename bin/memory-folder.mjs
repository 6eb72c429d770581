import { statfsSync } from 'node:fs'

const inMemory = '/dev/shm'
const enoughBytes = 2 * 1024 ** 3 // a run's databases take a few hundred megabytes; a container's own default is 64 MB

/**
 * Lets this process and those it starts keep their temporary files in memory where Linux offers it (shm_overview(7)) with room enough,
 * unless `TMPDIR` names a place already. A test on PostgreSQL makes and drops a database of five hundred files: on ext4, which looks past the
 * inodes that were freed a moment ago, making one took 550 ms instead of 35.
 */
export function keepTemporaryFilesInMemory() {
  if (process.env.TMPDIR || roomIn(inMemory) < enoughBytes) return
  process.env.TMPDIR = inMemory
}

/** Free bytes; 0 where there is no such folder. */
function roomIn(folder) {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return 0
  }
}
