import { env } from '@/lib/env'
import { isMicrosoftHost } from './server-field'

/** Whether a host is Microsoft's: one of those everybody knows (all that the browser can ask for), or the platform's. */
export const isAtMicrosoft = (host: string): boolean => isMicrosoftHost(host) || host.toLowerCase() === env.platform.microsoft365.host.toLowerCase()
