const longestMs = 10
const answering = 1.5 // to answer a request costs the thread half as much as to read it

/**
 * Hands on what comes in, batch after batch. Those who were answered together tend to come back together, so as many as were lately here at
 * once are a share, or half of them where there is more than one lane and a batch takes less time than all need to come: a share goes as soon
 * as it is there, while the event loop is still busy with the rest. Else all would be at work here, and then all would wait there, by turns.
 * Less than a share goes when nothing else is under way, as a small segment does in TCP (RFC 896), or when that takes long; after a batch of
 * several it waits for company, a fifth as long as the batch took and never more than a few milliseconds. Whoever comes alone is never kept waiting.
 */
export class Gatherer<T> {
  private readonly waiting: T[] = []
  private running = 0
  private underWay = 0
  private most = 1 // of those who waited or were under way at once, of late
  private firstAt = 0 // when the first and the last of those who wait came
  private lastAt = 0
  private comingMs = 0 // from one to the next, of late
  private tookMs = 0 // a batch, of late
  private isDue = false // when the event loop has come round
  private isPatient = false // with what is under way
  private wake: (() => void) | null = null // the last lane that runs, while it waits for company
  private readonly idle: (() => void)[] = []

  /** `handOn` never rejects. `take` removes what goes into the next batch, at least one. More lanes than one keep no order. */
  constructor(
    private readonly handOn: (batch: T[]) => Promise<void>,
    private readonly take: (waiting: T[]) => T[] = waiting => waiting.splice(0),
    private readonly lanes = 1,
  ) {}

  add(item: T): void {
    this.lastAt = performance.now()
    if (this.waiting.push(item) === 1) this.firstAt = this.lastAt
    if (!this.isShare()) this.wait()
    else if (this.wake) this.wake()
    else if (this.running < this.lanes) void this.run()
  }

  /** With less than a share: for the event loop to come round, or for what is under way. */
  private wait(): void {
    if (this.running === 0) {
      if (this.isDue) return
      this.isDue = true
      setImmediate(() => {
        this.isDue = false
        if (this.running === 0) void this.run()
      })
    } else if (this.running < this.lanes && !this.wake && !this.isPatient) {
      this.isPatient = true
      setTimeout(() => {
        this.isPatient = false
        if (this.waiting.length > 0 && this.running > 0 && this.running < this.lanes && !this.wake) void this.run()
      }, longestMs)
    }
  }

  /** When nothing is left to be handed on. */
  async settled(): Promise<void> {
    if (this.running > 0 || this.isDue) await new Promise<void>(resolve => this.idle.push(resolve))
  }

  private isShare(): boolean {
    const allMs = this.comingMs * this.most * answering
    const inHalves = this.lanes > 1 && this.tookMs <= allMs
    return this.most > 1 && this.waiting.length >= Math.ceil(inHalves ? this.most / 2 : this.most)
  }

  private async run(): Promise<void> {
    this.running++
    while (this.waiting.length > 0) {
      const batch = this.take(this.waiting)
      const beganAt = performance.now()
      if (batch.length > 1) this.comingMs = lately(this.comingMs, (this.lastAt - this.firstAt) / (batch.length + this.waiting.length - 1))
      this.firstAt = this.lastAt // of those who are left
      this.underWay += batch.length
      await this.handOn(batch)
      const tookMs = performance.now() - beganAt
      this.tookMs = lately(this.tookMs, Math.min(tookMs, 2 * this.tookMs + 1)) // one slow write says little of the next
      this.most = Math.max(this.underWay + this.waiting.length, this.most * 0.98)
      this.underWay -= batch.length
      if (this.isShare()) continue
      if (this.running > 1) break
      if (this.most > 1) await this.company(tookMs / 5)
    }
    this.running--
    if (this.waiting.length > 0) this.wait()
    else if (this.running === 0) for (const resolve of this.idle.splice(0)) resolve()
  }

  private company(ms: number): Promise<void> {
    return new Promise(resolve => {
      const end = () => {
        this.wake = null
        forget()
        resolve()
      }
      const forget = ms < 1 ? immediately(end) : later(end, Math.min(ms, longestMs))
      this.wake = end
    })
  }
}

const lately = (before: number, value: number) => before + (value - before) / 8

/** Timers count in whole milliseconds. */
function later(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

function immediately(run: () => void): () => void {
  const immediate = setImmediate(run)
  return () => clearImmediate(immediate)
}
