import { randomInt } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { Refusal } from '@/lib/errors'
import { longestPassword, shortestPassword } from './password-length'

const letters = 'abcdefghjkmnpqrstuvwxyz23456789' // none that is mistaken for another

/** argon2id with the parameters OWASP asks for: 19 MiB, two passes. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** @throws Refusal `passwordTooShort`, `passwordTooLong` */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < shortestPassword) throw new Refusal('passwordTooShort', 'password', { min: shortestPassword })
  if (password.length > longestPassword) throw new Refusal('passwordTooLong', 'password', { max: longestPassword })
  return hash(password, cost)
}

let dummy: Promise<string> | undefined

/** Takes as long for a login that does not exist as for one that does. */
export async function passwordMatches(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  dummy ??= hash('nobody has this password', cost)
  const matches = await verify(passwordHash ?? (await dummy), password.slice(0, longestPassword))
  return matches && Boolean(passwordHash)
}

/** A first password to read to somebody: four groups of five, about 98 bits. */
export const makePassword = () => Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')).join('-')
