import type { Instrumentation } from 'next'

/** Before the first request: the settings are readable and the database is of the mode that the environment asks for; else this process ends. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return // Next's own word, replaced while building
  const { checkInstallation } = await import('./app/_auth/check-installation')
  await checkInstallation()
}

/** One log line for a bug that reached a page: its id is the number that the person was shown. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { log } = await import('./lib/log')
  const { digest } = error as Error & { digest?: string }
  const requestId = request.headers['x-request-id'] // of bin/web, also in the answer's header
  log.error({ id: digest, requestId, err: error, method: request.method, route: context.routePath }, 'a request failed')
}
