import { findCurrentActor } from '@/app/_auth/require-actor'
import { previewForm } from '@/app/(workspace)/_card/card.form'
import { getDb } from '@/db/client'
import { forecast } from '@/lib/deliverability/forecast'
import { takeForecast } from '@/lib/deliverability/forecast-limit'
import { Refusal } from '@/lib/errors'

/** Will it arrive, with the values on screen? Takes no password. Null while what is typed is no server, or the card has no e-mail. */
export async function POST(request: Request): Promise<Response> {
  const actor = await findCurrentActor()
  if (!actor) return new Response(null, { status: 401 })
  const parsed = previewForm.safeParse(await request.json().catch(() => null))
  if (!parsed.success) return new Response(null, { status: 400 })
  try {
    await takeForecast(actor)
    return Response.json(await forecast(getDb(), actor, { ...parsed.data, password: '' }))
  } catch (error) {
    if (error instanceof Refusal) return Response.json(null)
    throw error
  }
}
