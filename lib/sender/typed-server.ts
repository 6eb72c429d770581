import { Refusal } from '@/lib/errors'
import type { Mode } from '@/lib/installation/mode'
import { allowedPorts } from './allowed-ports'
import { parseServer } from './server-field'

/** The server that somebody typed, at a port that may be used here. @throws Refusal at `server` for what is none */
export function parseTypedServer(text: string, mode: Mode): { host: string; port: number } {
  const parsed = parseServer(text, allowedPorts(mode))
  if ('problem' in parsed) throw new Refusal(parsed.problem, 'server', parsed.values)
  return parsed
}
