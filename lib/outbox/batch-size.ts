const most = 128 // taken up ahead of what is being sent
const fastMs = 300

/** How many messages to take up next: twice as many as last time when those went fast, half when they went slowly, `least` or more. */
export function nextBatchSize(last: number, { tookMs, least }: { tookMs: number; least: number }): number {
  return Math.max(least, Math.min(most, Math.ceil(last * pace(tookMs))))
}

function pace(tookMs: number): number {
  if (tookMs < fastMs) return 2
  return tookMs > 3 * fastMs ? 0.5 : 1
}
