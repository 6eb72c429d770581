import { atomically } from '@/db/atomically'
import type { Db } from '@/db/client'
import { type TestSend, testSteps } from '@/db/schema'
import { newId } from '@/lib/id'
import { log } from '@/lib/log'
import type { ConversationStep } from '@/lib/transport/conversation'

/** Keeps the rows of a test's steps up to date, one write at a time: of what changes meanwhile only the latest is written. What could not be written is tried again with the next step, and at the end. */
export class StepWriter {
  private readonly changed = new Map<number, ConversationStep>()
  private writing: Promise<void> | null = null

  constructor(
    private readonly db: Db,
    private readonly test: Pick<TestSend, 'id' | 'tenantId'>,
  ) {}

  write(position: number, step: ConversationStep): void {
    this.changed.set(position, step)
    this.writing ??= this.flush()
  }

  async done(): Promise<void> {
    await this.writing
    if (this.changed.size > 0) await this.flush()
  }

  private async flush(): Promise<void> {
    while (this.changed.size > 0) {
      const steps = [...this.changed]
      this.changed.clear()
      try {
        await this.save(steps)
      } catch (error) {
        log.error({ event: 'testSteps', testSendId: this.test.id, err: error }, 'steps of a test could not be written')
        for (const [position, step] of steps) if (!this.changed.has(position)) this.changed.set(position, step)
        break
      }
    }
    this.writing = null
  }

  private async save(steps: [position: number, step: ConversationStep][]): Promise<void> {
    const { id: testSendId, tenantId } = this.test
    await atomically(this.db, tx =>
      steps.map(([position, step]) =>
        tx
          .insert(testSteps)
          .values({ id: newId(), testSendId, tenantId, position, step })
          .onConflictDoUpdate({ target: [testSteps.testSendId, testSteps.position], set: { step } }),
      ),
    )
  }
}
