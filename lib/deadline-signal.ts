/** A signal with an end in time. `clear`: what it was for is done. */
type DeadlineSignal = { signal: AbortSignal; clear: () => void }

/**
 * A signal that is aborted after so long, or with the one given. In place of `AbortSignal.any` over `AbortSignal.timeout`: nothing there
 * holds the timeout, and once it is collected as garbage the deadline never comes (Node 20; nodejs/node#57736).
 */
export function deadlineSignal(ms: number, outer?: AbortSignal): DeadlineSignal {
  const controller = new AbortController()
  const clear = () => {
    clearTimeout(timer)
    outer?.removeEventListener('abort', onAbort)
  }
  const end = (reason: unknown) => {
    clear()
    controller.abort(reason)
  }
  const onAbort = () => end(outer?.reason)
  const timer = setTimeout(() => end(new DOMException(`No end in ${Math.round(ms / 1000)} s`, 'TimeoutError')), ms)
  timer.unref()
  outer?.addEventListener('abort', onAbort, { once: true })
  if (outer?.aborted) onAbort()
  return { signal: controller.signal, clear }
}

/** The work's own result, or the signal's reason when that comes first: for work that cannot be broken off, as a look-up by the system. */
export async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', onAbort))
}
