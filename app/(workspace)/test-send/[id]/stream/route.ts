import { setTimeout as pause } from 'node:timers/promises'
import { findCurrentActor } from '@/app/_auth/require-actor'
import type { StreamedEnd, StreamedStep } from '@/app/(workspace)/_conversation/conversation-view'
import { getDb } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { Refusal } from '@/lib/errors'
import { readTestSend } from '@/lib/test-send/test-send'

type StreamContext = { params: Promise<{ id: string }> }

const lookEveryMs = 150
const longestMs = 5 * 60_000 // the time after which a test is wiped

/** The steps of a test as server-sent events, each when it begins and again when it ends. Any web process may answer. */
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
  return new Response(asStream(follow(actor, id, request.signal)), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' },
  })
}

async function* follow(actor: Actor, id: string, signal: AbortSignal): AsyncGenerator<string> {
  const told = new Map<number, string>()
  const until = Date.now() + longestMs
  while (!signal.aborted && Date.now() < until) {
    const { testSend, steps, ended } = await readTestSend(getDb(), actor, { id, afterPosition: settled(told) })
    for (const streamed of steps satisfies StreamedStep[]) {
      const text = JSON.stringify(streamed)
      if (told.get(streamed.position) === text) continue
      told.set(streamed.position, text)
      yield event('step', text)
    }
    if (ended) return yield event('end', JSON.stringify({ outcome: testSend.outcome } satisfies StreamedEnd))
    await pause(lookEveryMs)
  }
}

function asStream(events: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await events.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await events.return(undefined)
    },
  })
}

/** Steps change in place, also one that has ended: only what lies well behind is not read again. */
const settled = (told: Map<number, string>) => told.size - 5

const event = (name: string, text: string) => `event: ${name}\ndata: ${text}\n\n`
