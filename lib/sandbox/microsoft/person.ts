import { createHash } from 'node:crypto'

/** Somebody who signs in at the stand-in for Microsoft. `objectId` and `tenantId` follow from the address, so that they are the same tomorrow. */
export type Person = { address: string; objectId: string; tenantId: string }

/** The same person, whatever the capitals of the address. */
export function personOf(address: string): Person {
  const lower = address.trim().toLowerCase()
  return { address: lower, objectId: guid(`person ${lower}`), tenantId: guid(`organisation ${lower.split('@').at(-1)}`) }
}

function guid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
