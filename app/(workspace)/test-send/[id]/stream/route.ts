import { findCurrentActor, getSessionId } from '@/app/_auth/require-actor'
import type { StreamedEnd, StreamedStep } from '@/app/(workspace)/_conversation/conversation-view'
import { getDb } from '@/db/client'
import { Refusal } from '@/lib/errors'
import { type FollowedEvent, followTest } from '@/lib/test-send/follow-test'
import { readTestSend } from '@/lib/test-send/test-send'

type StreamContext = { params: Promise<{ id: string }> }

/** The steps of a test as server-sent events. Any web process may answer. */
export async function GET(request: Request, { params }: StreamContext): Promise<Response> {
  const actor = await findCurrentActor()
  if (!actor) return new Response(null, { status: 401 })
  const { id } = await params
  try {
    await readTestSend(getDb(), actor, { id })
  } catch (error) {
    if (error instanceof Refusal) return new Response(null, { status: 404 })
    throw error
  }
  const events = followTest(getDb(), actor, { id, sessionId: await getSessionId(), signal: request.signal })
  return new Response(asStream(events), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' },
  })
}

function asStream(events: AsyncGenerator<FollowedEvent>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await events.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(written(value)))
    },
    async cancel() {
      await events.return(undefined)
    },
  })
}

const written = ({ name, told }: FollowedEvent) => `event: ${name}\ndata: ${JSON.stringify(told satisfies StreamedStep | StreamedEnd | null)}\n\n`
