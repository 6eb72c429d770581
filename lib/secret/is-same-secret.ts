import { timingSafeEqual } from 'node:crypto'

/** Compares what somebody brought with what is right, in a time that says nothing of either. Bytes are counted, not characters: `é` has two. */
export function isSameSecret(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  return one.length === other.length && timingSafeEqual(one, other)
}
