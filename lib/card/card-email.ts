import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { domainOf } from '@/lib/sender/address'

/** The event domain belongs to the platform: nobody sends as an address of it. @throws Refusal `emailIsEventAddress` at `email` */
export function assertNotEventAddress(email: string | null): void {
  if (email && domainOf(email) === env.platform.eventDomain.toLowerCase())
    throw new Refusal('emailIsEventAddress', 'email', { domain: env.platform.eventDomain })
}
