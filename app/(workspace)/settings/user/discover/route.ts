import { findCurrentActor } from '@/app/_auth/require-actor'
import { sentenceOf } from '@/app/_forms/say-refusal'
import { getDb } from '@/db/client'
import { discover } from '@/lib/discovery/discover'
import type { Discovery, Source, SourceState } from '@/lib/discovery/discovery'
import { takeSearch } from '@/lib/discovery/search-limit'
import { Refusal } from '@/lib/errors'
import { getMode } from '@/lib/installation/mode'

/** One line of the answer each: where is being looked, and in the end what was found, or why nothing was looked for. */
export type DiscoveryLine = { source: Source; state: SourceState } | { found: Discovery } | { refusal: string }

/** Looks for the server of an address; every source says a line when it begins and when it ends. Leaving the page stops it. */
export async function POST(request: Request): Promise<Response> {
  const actor = await findCurrentActor()
  if (!actor) return new Response(null, { status: 401 })
  const address = (await request.text()).slice(0, 400)
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      const say = (line: DiscoveryLine) => !request.signal.aborted && controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`))
      try {
        await takeSearch(actor)
        const mode = await getMode(getDb())
        say({ found: await discover(address, { mode, signal: request.signal, onState: (source, state) => say({ source, state }) }) })
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        say({ refusal: await sentenceOf(error.code, error.values) })
      }
      if (!request.signal.aborted) controller.close()
    },
  })
  return new Response(stream, {
    headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' },
  })
}
