const longestMs = 10

/**
 * Hands on what comes in, batch after batch: what arrives while as many are under way as there are lanes is the next.
 * Those who were answered together tend to come back together, so after a batch of several the next one waits for its share
 * of as many, a fifth as long as that one took and never more than a few milliseconds. Whoever comes alone is never kept waiting.
 */
export class Gatherer<T> {
  private readonly waiting: T[] = []
  private running = 0
  private expected = 1
  private whole: () => void = () => undefined
  private readonly idle: (() => void)[] = []

  /** `handOn` never rejects. `take` removes what goes into the next batch, at least one. More lanes than one keep no order. */
  constructor(
    private readonly handOn: (batch: T[]) => Promise<void>,
    private readonly take: (waiting: T[]) => T[] = waiting => waiting.splice(0),
    private readonly lanes = 1,
  ) {}

  add(item: T): void {
    this.waiting.push(item)
    if (this.waiting.length >= this.expected) this.whole()
    if (this.running >= this.lanes) return
    this.running++
    setImmediate(() => void this.run())
  }

  /** When nothing is left to be handed on. */
  async settled(): Promise<void> {
    if (this.running > 0) await new Promise<void>(resolve => this.idle.push(resolve))
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.take(this.waiting)
      const beganAt = performance.now()
      await this.handOn(batch)
      this.expected = Math.ceil((batch.length + this.waiting.length) / this.lanes)
      const waitMs = Math.min(Math.floor((performance.now() - beganAt) / 5), longestMs) // timers count in whole milliseconds
      if (this.expected > 1 && waitMs > 0) await this.company(waitMs)
    }
    if (--this.running === 0) for (const resolve of this.idle.splice(0)) resolve()
  }

  private company(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms)
      this.whole = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
