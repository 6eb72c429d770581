import { eq } from 'drizzle-orm'
import type { Db } from '@/db/client'
import { domainAdmissions } from '@/db/schema'
import { after, now, seconds } from '@/lib/clock'
import { isPublic } from '@/lib/dns/look-up'
import { env } from '@/lib/env'
import { log } from '@/lib/log'
import { checkSpf } from './check-spf'

/** Whether a domain's SPF admits the address that the platform relay sends from. `unknown`: DNS gave no answer, ever. */
export type Admission = 'admits' | 'refuses' | 'unknown'

const patienceMs = 1500 // of whoever hands mail in; the look-up goes on without them
const retrySeconds = 30
const maxKept = 10_000

type Kept = { admission: Admission; untilMs: number }
const kept = new Map<string, Kept>()
const running = new Map<string, Promise<Admission>>()

/**
 * The decision behind the envelope sender of the relay. Known ones cost nothing: they are answered from memory, renewed
 * behind the caller's back when DNS says they are old, and shared through the database. Only a domain never seen
 * is waited for, and not for long. Without an answer the last one holds.
 */
export async function findAdmission(db: Db, domain: string): Promise<Admission> {
  if (!isPublic(domain)) return 'unknown'
  const known = kept.get(keyOf(domain))
  if (known && known.untilMs > now().getTime()) return known.admission
  const work = running.get(keyOf(domain)) ?? track(domain, renew(db, domain))
  return known ? known.admission : work
}

/** The decisions for all of these domains. */
export async function findAdmissions(db: Db, domains: Iterable<string>): Promise<Map<string, Admission>> {
  const found = [...new Set(domains)].map(async domain => [domain, await findAdmission(db, domain)] as const)
  return new Map(await Promise.all(found))
}

/** For tests: what one zone said does not hold in the next. */
export const forgetAdmissions = () => kept.clear()

function track(domain: string, work: Promise<Admission>): Promise<Admission> {
  const key = keyOf(domain)
  const safe = work.catch(error => {
    warn(domain, error)
    return kept.get(key)?.admission ?? 'unknown'
  })
  running.set(key, safe)
  return safe.finally(() => running.delete(key))
}

async function renew(db: Db, domain: string): Promise<Admission> {
  const [row] = await db.select().from(domainAdmissions).where(eq(domainAdmissions.domain, domain))
  if (!row) return ask(db, domain, 'unknown')
  const last: Admission = row.admits ? 'admits' : 'refuses'
  if (row.expiresAt > now()) return keep(domain, last, row.expiresAt.getTime())
  ask(db, domain, last).catch(error => warn(domain, error)) // it holds while the look-up runs
  return keep(domain, last, now().getTime() + seconds(retrySeconds))
}

async function ask(db: Db, domain: string, last: Admission): Promise<Admission> {
  const check = await checkSpf(domain, env.platform.relay.address, last === 'unknown' ? { patienceMs } : {})
  if (check.result === 'temperror') return keep(domain, last, now().getTime() + seconds(retrySeconds))
  const admits = check.result === 'pass'
  const fresh = { admits, checkedAt: now(), expiresAt: after(now(), seconds(check.ttlSeconds)) }
  await db
    .insert(domainAdmissions)
    .values({ domain, ...fresh })
    .onConflictDoUpdate({ target: domainAdmissions.domain, set: fresh })
  return keep(domain, admits ? 'admits' : 'refuses', fresh.expiresAt.getTime())
}

function keep(domain: string, admission: Admission, untilMs: number): Admission {
  if (kept.size >= maxKept) for (const oldest of [...kept.keys()].slice(0, maxKept / 10)) kept.delete(oldest)
  kept.set(keyOf(domain), { admission, untilMs })
  return admission
}

/** The question is about this address, and put to these servers. */
const keyOf = (domain: string) => `${domain} ${env.platform.relay.address} ${env.dns.servers.map(({ address, port }) => `${address}#${port}`).join()}`

const warn = (domain: string, error: unknown) => log.warn({ domain, err: error }, 'whether a domain admits the platform could not be found out')
