import { randomFillSync } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford's base 32, lower case
const letters = [...alphabet]

const pool = Buffer.alloc(4096) // asking the system for 16 bytes at a time costs more than all the rest
let used = pool.length

/** A new id: 26 characters, sorted by the time of making (48 bits of milliseconds), unguessable (80 random bits). */
export function newId(at: Date = new Date()): string {
  let time = at.getTime()
  let head = ''
  for (let i = 0; i < 10; i++) {
    head = letters[time % 32] + head
    time = Math.floor(time / 32)
  }
  if (used + 16 > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  for (const end = used + 16; used < end; used++) head += letters[(pool[used] as number) & 31]
  return head
}

/** Whether this is an id at all: what is none is in no table, and PostgreSQL stumbles over some of it, a NUL above all. */
export const isId = (text: string) => /^[0-9a-z]{26}$/.test(text)

/** What every id made at this moment or later is not less than: a range of ids is a range of time. */
export const firstIdAt = (at: Date) => newId(at).slice(0, 10)

/** When an id was made. */
export const timeOfId = (id: string): Date => new Date([...id.slice(0, 10)].reduce((time, letter) => time * 32 + alphabet.indexOf(letter), 0))
