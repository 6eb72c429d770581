import { randomBytes } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford's base 32, lower case

/** A new id: 26 characters, sorted by the time of making (48 bits of milliseconds), unguessable (80 random bits). */
export function newId(at: Date = new Date()): string {
  let time = at.getTime()
  let head = ''
  for (let i = 0; i < 10; i++) {
    head = alphabet[time % 32] + head
    time = Math.floor(time / 32)
  }
  return head + Array.from(randomBytes(16), byte => alphabet[byte % 32]).join('')
}
