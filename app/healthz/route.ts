export const dynamic = 'force-dynamic'

/** Whether this process lives; asks nothing else. */
export const GET = () => Response.json({ status: 'ok' }, { headers: { 'Cache-Control': 'no-store' } })
