import { env } from '@/lib/env'

type DoorFacts = { host: string; tlsPort: number; starttlsPort: number; isOpen: boolean }

/** What a program has to be told to hand mail in by SMTP. Closed: a live installation that has no certificate for it. */
export function doorFacts(): DoorFacts {
  const isOpen = !env.relayUrl || Boolean(env.door.keyFile && env.door.certFile)
  return { host: new URL(env.appUrl).hostname, tlsPort: env.submissionsPort, starttlsPort: env.submissionPort, isOpen }
}
