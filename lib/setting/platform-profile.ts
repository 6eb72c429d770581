import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { WrongSettings } from './wrong-settings'

const platformProfile = z.object({
  name: z.string(),
  relay: z.object({ host: z.string(), address: z.string() }),
  egress: z.array(z.string()).min(1),
  eventDomain: z.string(),
  smtpPorts: z.array(z.number()).min(1),
  microsoft365: z.object({ host: z.string(), port: z.number() }),
  gmail: z.object({ host: z.string(), port: z.number() }),
  discovery: z
    .object({ httpsPort: z.number(), submissionsPort: z.number(), submissionPort: z.number(), providers: z.array(z.unknown()) })
    .partial()
    .default({})
    .transform(given => ({ httpsPort: 443, submissionsPort: 465, submissionPort: 587, providers: [], ...given })),
  /** What servers bear: the first profile whose hosts (and domain of the user name, where given) fit an account. */
  limits: z
    .array(
      z.object({
        name: z.string(),
        hosts: z.array(z.string()).optional(),
        domains: z.array(z.string()).optional(),
        connections: z.number().int().min(1),
        connectionsOfEngine: z.number().int().min(1).nullish(),
        perMinute: z.number().int().min(1).nullish(),
        recipientsPerDay: z.number().int().min(1).nullish(),
      }),
    )
    .default([]),
  microsoftPasswordNotice: z.object({
    date: z.string(),
    offByDefaultFrom: z.string(),
    finalDateAnnounced: z.string(),
    guideDate: z.string(),
    source: z.string(),
    text: z.object({ pl: z.string(), en: z.string(), et: z.string() }).optional(), // in place of ours, when Microsoft says something new
  }),
})

/**
 * The operator's facts, from the file that PLATFORM_FILE names.
 * @throws WrongSettings when there is none, or facts are missing in it
 */
export function readPlatform(file: string) {
  const found = [file, path.join(/* turbopackIgnore: true */ process.cwd(), file)].find(candidate => existsSync(candidate))
  if (!found) throw new WrongSettings(`PLATFORM_FILE ${file} does not exist`)
  const profile = platformProfile.safeParse(parseFile(found))
  if (profile.success) return profile.data
  throw new WrongSettings(...profile.error.issues.map(({ path: place, message }) => `PLATFORM_FILE ${file}: ${place.join('.') || 'its content'}: ${message}`))
}

/** Without the parser's own words: they quote the file, which may be another one than was meant. */
function parseFile(file: string): unknown {
  const text = readText(file)
  try {
    return JSON.parse(text)
  } catch {
    throw new WrongSettings(`PLATFORM_FILE ${file} is not JSON`)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new WrongSettings(`PLATFORM_FILE ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}
