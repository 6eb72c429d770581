import { getDb } from '@/db/client'
import { readiness } from '@/lib/operate/readiness'

export const dynamic = 'force-dynamic'

/** Whether this process can serve pages now: for load balancers. */
export async function GET() {
  const { isReady, checks } = await readiness(getDb())
  return Response.json({ status: isReady ? 'ok' : 'not ready', checks }, { status: isReady ? 200 : 503, headers: { 'Cache-Control': 'no-store' } })
}
