import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects what nothing holds any more, now. */
export function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
