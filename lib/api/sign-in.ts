import type { IncomingMessage } from 'node:http'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Db } from '@/db/client'
import { coalesce } from '@/lib/coalesce'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { networkOf } from '@/lib/network'
import { spend, tooManyRequests } from '@/lib/spend'
import { callerOf } from './caller'
import { findApiKey, type KeyHolder } from './find-api-key'

const wrongKeys = new WeakMap<Db, RateLimiterMemory>()
const requests = env.apiRequestsPerMinute > 0 ? new RateLimiterMemory({ keyPrefix: 'key', points: env.apiRequestsPerMinute, duration: 60 }) : null

const findTogether = coalesce((db, key: string, address: string) => findApiKey(db, { key, address }))

/**
 * Who asks, by the key in `Authorization: Bearer`. Wrong keys are counted by the address they come from;
 * a right one is let in from there all the same.
 * @throws Refusal `keyMissing`, `tooManyRequests`, and those of findApiKey
 */
export async function signIn(db: Db, request: IncomingMessage): Promise<KeyHolder> {
  const address = callerOf(request)
  const [, key = ''] = /^Bearer ([\w.~+/=-]{1,200})$/i.exec(request.headers.authorization ?? '') ?? []
  if (key === '') throw new Refusal('keyMissing')
  try {
    const holder = await findTogether(db, key, address)
    if (requests) await spend([[requests, holder.id]], tooManyRequests)
    return holder
  } catch (error) {
    if (error instanceof Refusal && error.code === 'keyInvalid') await spend([[wrongKeysOf(db), networkOf(address)]], tooManyRequests)
    throw error
  }
}

function wrongKeysOf(db: Db): RateLimiterMemory {
  const limit = wrongKeys.get(db) ?? new RateLimiterMemory({ keyPrefix: 'wrong', points: 30, duration: 60 })
  wrongKeys.set(db, limit)
  return limit
}
