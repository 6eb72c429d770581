import type { Db } from '@/db/client'
import { type Actor, assertAdmin } from '@/lib/actor/actor'
import { cutText } from '@/lib/cut-text'
import { takeSearch } from '@/lib/discovery/search-limit'
import { resolveAdmitted } from '@/lib/egress/guard'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { getMode } from '@/lib/installation/mode'
import { formatServer } from '@/lib/sender/server-field'
import { parseTypedServer } from '@/lib/sender/typed-server'
import { errorCodeOf, TransportFailure } from '@/lib/transport/failure'
import { LineSocket } from '@/lib/transport/line-socket'
import { connect, encrypt, hello } from '@/lib/transport/probe-server'
import { visible } from '@/lib/transport/server-text'

/** `refused`: the server spoke and said no; `closed`: it answered and broke off; `unreachable`: no connection came about. */
export type Reach = { server: string; address: string; verdict: 'letIn' | 'refused' | 'closed' | 'unreachable'; said: string; errorCode: string | null }

const replyMs = 10_000 // some servers make strangers wait before they greet
const shownLength = 2000

/**
 * Connects to a server from here, as mail would, and says EHLO: whether this installation is let in, and in what words.
 * Nobody signs in and no mail is offered.
 * @throws Refusal `notAdmin`, `tooManySearches`, those of the guard, and what is wrong with the typed `server`
 */
export async function checkReach(db: Db, actor: Actor, { server: typed }: { server: string }): Promise<Reach> {
  assertAdmin(actor)
  const mode = await getMode(db)
  const { host, port } = parseTypedServer(typed, mode)
  await takeSearch(actor)
  const { addresses } = await resolveAdmitted(host, port, mode)
  const [first] = addresses
  if (!first) throw new Refusal('hostNotFound', 'server', { host })
  const said: string[] = []
  const reach = { server: formatServer({ host, port }), address: first.address }
  try {
    await converse({ host, port, address: first.address }, said)
    return { ...reach, verdict: 'letIn', said: shown(said), errorCode: null }
  } catch (error) {
    const isRefused = error instanceof TransportFailure && error.code === 'refused'
    if (isRefused) said.push(error.message)
    return {
      ...reach,
      verdict: isRefused ? 'refused' : hasConnected(error, said) ? 'closed' : 'unreachable',
      said: shown(said),
      errorCode: isRefused ? null : errorCodeOf(error),
    }
  }
}

async function converse(at: { host: string; port: number; address: string }, said: string[]): Promise<void> {
  const plain = await connect(at)
  using lines = new LineSocket(at.port === env.platform.discovery.submissionsPort ? await encrypt(plain, at) : plain)
  said.push(...(await lines.reply(replyMs)))
  said.push(...(await hello(lines, replyMs)))
  lines.write('QUIT')
}

const hasConnected = (error: unknown, said: string[]) => said.length > 0 || ['connectionLost', 'tlsProtocol', 'protocol'].includes(errorCodeOf(error))

function shown(said: string[]): string {
  const lines = said.flatMap(text => text.split('\n'))
  return cutText(lines.map(line => visible(line)).join('\n'), shownLength)
}
