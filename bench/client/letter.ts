/** A message of about this many bytes, the same for everybody. */
export function bodyOf(bytes: number): string {
  const line = 'Dear customer, please find your invoice of this month below. Thank you.\r\n'
  return line
    .repeat(Math.max(1, Math.ceil(bytes / line.length)))
    .slice(0, bytes - 2)
    .trimEnd()
    .concat('\r\n')
}

/** Header and body as a program hands them over by SMTP; about `bytes` in all. */
export function rawLetter({ from, to, bytes, number }: { from: string; to: string; bytes: number; number: number | string }): string {
  const head = [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: Invoice ${number}`,
    `Message-ID: <bench.${process.pid}.${number}@bench.test>`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    '',
  ].join('\r\n')
  return head + bodyOf(Math.max(80, bytes - head.length))
}

/** What a load answers: when the first byte went out (milliseconds since 1970, as every process here reads them) and how long until the last answer. */
export type LoadResult = { count: number; failed: number; startedAt: number; ms: number; cpuMs: number; firstFailure?: string; p50Ms?: number; p99Ms?: number }

export const options = <T>() => JSON.parse(process.argv[2] ?? '{}') as T

export const percentile = (sorted: number[], share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

export const instant = () => performance.timeOrigin + performance.now()
