import { env } from '@/lib/env'
import type { Mode } from '@/lib/installation/mode'
import type { AllowedPorts } from './server-field'

/** The ports an own server may use here: the platform's, what the operator adds, and in a sandbox any on this machine. */
export function allowedPorts(mode: Mode): AllowedPorts {
  const ports = env.platform.smtpPorts.map(port => ({ from: port, to: port }))
  return { anywhere: [...ports, ...env.smtp.extraPorts], onLoopback: mode === 'sandbox' ? [{ from: 1024, to: 65535 }] : [] }
}
