import { setTimeout as wait } from 'node:timers/promises'
import { createTransport } from 'nodemailer'
import type { EngineProgram } from './engine-program'

/** Hands one message in; rejects with an error that carries the `responseCode` it was answered with, if any. */
export type Hand = (engine: EngineProgram, to: string) => Promise<unknown>

type Feeding = { name: string; isOver: () => boolean; hand: Hand; onRefusal?: (code: number | undefined) => void }

/** One message after another to whichever engine takes it, each handed in again until one says that it is queued. Gives those that were. */
export async function feed(engines: EngineProgram[], { name, isOver, hand, onRefusal }: Feeding): Promise<string[]> {
  const queued: string[] = []
  while (!isOver()) {
    const to = `${name}${queued.length}@example.test`
    for (let tries = 0; ; tries++) {
      try {
        await hand(engines[(queued.length + tries) % engines.length] as EngineProgram, to)
        break
      } catch (error) {
        onRefusal?.((error as { responseCode?: number }).responseCode)
        await wait(50) // that one cannot take it now: the next
      }
    }
    queued.push(to)
  }
  return queued
}

export const overHttp =
  (key: string): Hand =>
  async ({ apiPort }, to) => {
    const body = JSON.stringify({ from_user: 'ANNA', to: [to], subject: 'Faktura', text: 'x' })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': to }
    const { status } = await fetch(`http://127.0.0.1:${apiPort}/api/v1/messages`, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) })
    if (status !== 202) throw Object.assign(new Error(`answered ${status}`), { responseCode: status })
  }

export const overSmtp =
  (key: string): Hand =>
  ({ doorPort }, to) =>
    createTransport({
      host: 'localhost',
      port: doorPort,
      secure: true,
      auth: { user: 'ANNA@acme', pass: key },
      connectionTimeout: 5_000,
      socketTimeout: 10_000,
    }).sendMail({ from: 'anna@acme.test', to, subject: 'Faktura', text: 'x' })
