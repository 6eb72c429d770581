export function sandboxCertificate(environment: Record<string, string | undefined>): Promise<Record<string, string>>
